//! What is to be looked at before the engine is done with an input.

/// What was noted, until all of it is taken: in order, and each once. It keeps its room, so that
/// noting what each input touches takes no memory anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending<T>(Vec<T>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> Pending<T> {
    pub(crate) fn note(&mut self, what: T) {
        if self.0.last() != Some(&what) {
            self.0.push(what);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn forget(&mut self, what: &T) {
        self.0.retain(|noted| noted != what);
    }

    /// All that was noted; nothing is from then on.
    pub(crate) fn take(&mut self) -> Vec<T> {
        self.0.sort_unstable();
        self.0.dedup();
        std::mem::take(&mut self.0)
    }

    /// Takes back the room of what was taken, where none was made meanwhile.
    pub(crate) fn give_back(&mut self, mut taken: Vec<T>) {
        if self.0.capacity() == 0 {
            taken.clear();
            self.0 = taken;
        }
    }
}
