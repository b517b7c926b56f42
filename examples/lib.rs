//! Examples of bereik; each is a file or a folder of this package.
