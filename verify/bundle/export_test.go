package bundle

import "adamas.example/verify/internal/readtest"

// Pair is a bundle after its magic, by hand and by the library.
var Pair = readtest.At(read)
