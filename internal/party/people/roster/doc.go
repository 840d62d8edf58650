// Package roster is who the people of an office are, as rows and as rules: what an
// account may look like, and who may give what to whom.
//
// Its invariants are those of package people about grants: an administrator does not
// act in trade, an exporter is no officer, nobody gives what he does not administer,
// there is always an administrator, a signing key is one person's.
//
// Faults: people.login, name, language, no_role, administrator_in_trade,
// exporter_and_officer, company_missing, company_of_officer, given_at_server,
// not_your_office, last_administrator, login_taken, unknown, key_kind, key_taken,
// and those of access.
//
// Table: party_person. Imports: access, ident, fault, lang, store, verify/statement.
package roster
