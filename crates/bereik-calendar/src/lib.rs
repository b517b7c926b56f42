//! Reads RFC 5545 calendars, bounded and exact, into free/busy time.
