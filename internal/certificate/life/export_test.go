package life

// ChildrenQuery is how Children asks.
const ChildrenQuery = children
