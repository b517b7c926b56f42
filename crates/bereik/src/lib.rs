//! Presence routing: who can help this customer now, over what, and what happens until somebody does.
