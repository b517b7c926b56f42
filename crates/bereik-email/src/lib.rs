//! E-mail as a channel: SMTP with STARTTLS and authentication, every fault told apart.
