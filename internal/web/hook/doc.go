// Package hook tells the systems of an office what has happened, at addresses that an
// administrator has named, or a program for itself with its access key: webhooks in the
// form of https://www.standardwebhooks.com.
//
//	webhook-id         the delivery's, the same for every try
//	webhook-timestamp  seconds since 1970, of this try
//	webhook-signature  v1,<base64 of HMAC-SHA256 over id.timestamp.body>
//
// # Invariants
//
//   - What happens is entered in the transaction in which it happens, and goes out at least
//     once, in order of making for each address: while one is due, none after it is sent. A
//     delivery that fails for Tries is given up, shown as that, and holds up no other.
//   - A slow server holds up what is due to the addresses of the program that has named it,
//     and nobody else's.
//   - A message names records and says nothing private: who may read them asks the API.
//   - No message goes to this computer or into a private network by way of a name that leads
//     there: each address is looked at when the connection is made, after every resolution,
//     and a redirect is not followed. The operator may open networks (node.toml,
//     hook_networks).
//   - An address that a program has named is told of nothing once the program's access key
//     has ended or run out.
//   - The secret of an address is in no database: it is made from the address's id by a key
//     of the node.
//
// Tables: web_hook, web_hook_delivery. Imports: fault, ident, store, verify/statement.
package hook
