package exchange

import "context"

// LookAgainAt has a message looked at as it was read before another look was done with it.
func (o *Office) LookAgainAt(ctx context.Context, in *Incoming) error { return o.again(ctx, in) }

// Attachments lets tests fuzz the reading of mails.
var Attachments = attachments
