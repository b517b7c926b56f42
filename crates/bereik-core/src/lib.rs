//! The nouns of presence routing: people, groups, intervals, zones, offers, entries and the directory.
