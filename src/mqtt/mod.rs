//! Topics, wire types, outbox delivery, embedded broker. It must never decide what is a cramp.
