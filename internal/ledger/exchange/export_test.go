package exchange

// Attachments lets tests fuzz the reading of mails.
var Attachments = attachments
