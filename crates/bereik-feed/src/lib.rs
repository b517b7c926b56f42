//! Where calendars come from: files that are watched, read again and turned into updates.
