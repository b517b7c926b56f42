// Runs ACTION on the first element that PATH names, or returns null. The parts of a path are CSS selectors
// separated by `>>>`; each `>>>` steps through the open shadow root of the element before it.
(path, action) => {
  let root = document;
  let found = null;
  for (const part of path.split(">>>")) {
    if (!root) return null;
    found = root.querySelector(part.trim());
    if (!found) return null;
    root = found.shadowRoot;
  }
  return action(found);
}
