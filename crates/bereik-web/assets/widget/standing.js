// How somebody stands, in words.

function standingOf(view, words) {
  if (view.standing === 'available') return words('standing.available');
  if (view.standing === 'busy') return view.wait ? words('standing.busy_wait', { wait: view.wait }) : words('standing.busy');
  if (view.back_at) return words(view.is_group ? 'standing.open_at' : 'standing.back_at', { at: view.back_at });
  return words(`standing.${view.standing}`);
}
