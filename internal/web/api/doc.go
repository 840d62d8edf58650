// Package api is the interface for programs: for the systems that a state has of its own
// (issue: "everything an office does on screens"). The modules register their operations,
// each with its permission; this package finds out who asks, holds bounds, carries out
// each act once, puts answers and refusals into form, and writes the document of all of
// it (OpenAPI 3.1, by huma from the Go types).
//
//	GET  /openapi.json               the document
//	GET  /api/v1/...                 a Read
//	POST /api/v1/...                 an Act, or a Check, which records nothing
//
// # Invariants
//
//   - No operation without a permission, asked of the same matrix as the pages.
//   - A cookie opens nothing here, and a key opens no page: what another site makes a
//     browser post carries no key.
//   - An act is carried out once for each Idempotency-Key of a program. The row that says
//     so is written in the transaction of the act (store.Watch). What a crash takes after
//     that is the answer, which is made anew from the record.
//   - With a sandbox key every act runs to its end and is undone: it can be refused, and
//     it is never recorded.
//   - A key that has ended does nothing, also with a request that was begun before: it is
//     asked for again when the body has come, for which there is a time.
//   - Who has no key takes no more of an operation than Operation.AtOnce, and that before
//     anything of the body is read.
//   - No key stands in an answer, in a log or in this database: what is logged of a
//     request is its operation, the program's id and a reference.
//
// An operation never has a rule of its own: it calls what the page calls.
//
// Table: web_answer. Imports: access, fault, lang, store, web, web/form; huma.
package api
