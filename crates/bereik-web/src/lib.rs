//! An axum router and a widget for websites: reachability, visitor chat and the desk.
