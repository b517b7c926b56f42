//! Joins calendars, hours and live signals into presence and reachability per channel.
