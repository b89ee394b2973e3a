//! What was drunk, eaten and done. It must never guess an amount.
