// Package judges holds the tests in which programs written by others, or by us
// a second time in another language, judge the formats of package verify. They
// read nothing but the golden vectors and the formats' documents; the scripts
// are in web/judges.
//
// Imports: verify and its subpackages, internal/worldtest/npm, and the foreign
// libraries that judge. It has no code outside its tests.
package judges
