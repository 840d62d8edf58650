// Package mine knows the places where rough diamonds are dug: sites with their
// position and what a survey saw there on a day.
//
// So far it reads published surveys. Licences, cadastre and production come
// with the mines issue. What a surveyor recorded (armed actors, children at
// work) is that day's observation and never a finding of this program.
//
// Imports: fault, period, place.
package mine
