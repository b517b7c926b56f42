//! Which audience sees what: a table that an embedder can replace.

use std::collections::BTreeMap;
use std::fmt;

use bereik_core::public_view::Audience;

/// One thing that may be seen of a person or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ViewField {
    /// When it can next be reached, up to the directory's horizon.
    BackAt,
    /// When it can next be reached, however far ahead. Counts for those who see
    /// [`BackAt`](Self::BackAt).
    BackAtBeyondHorizon,
    /// How long the wait is, while it is busy.
    ExpectedWait,
    /// In free/busy time: what kind of time it is, out of office and unknown included.
    FreeBusyKinds,
    /// In free/busy time: that time is only perhaps taken.
    FreeBusyTentative,
    /// Over which channels it can be reached right now.
    NowOver,
    /// That a person can be reached outside his public hours.
    OutsidePublicHours,
    /// Addresses of lines that are not public, the public ones with them, and what can be reached over
    /// them.
    PrivateLines,
    /// People and groups that are not public.
    PrivatePeople,
    /// What decided the state. Counts for those who see [`State`](Self::State).
    Source,
    /// What kind of state it is: busy, out of office, off duty.
    State,
    /// Until when the state stands. Counts for those who see [`State`](Self::State).
    Until,
    /// Addresses of public lines.
    Ways,
    /// How far the person's clock is ahead of UTC. Counts for those who see [`State`](Self::State).
    Zone,
}

impl ViewField {
    /// Every field, in alphabetical order.
    pub const ALL: [Self; 14] = [
        Self::BackAt,
        Self::BackAtBeyondHorizon,
        Self::ExpectedWait,
        Self::FreeBusyKinds,
        Self::FreeBusyTentative,
        Self::NowOver,
        Self::OutsidePublicHours,
        Self::PrivateLines,
        Self::PrivatePeople,
        Self::Source,
        Self::State,
        Self::Until,
        Self::Ways,
        Self::Zone,
    ];

    /// Whether customers may be shown it at all.
    #[must_use]
    pub const fn is_for_customers(self) -> bool {
        matches!(
            self,
            Self::BackAt
                | Self::ExpectedWait
                | Self::FreeBusyTentative
                | Self::NowOver
                | Self::Ways
        )
    }

    const fn name(self) -> &'static str {
        match self {
            Self::BackAt => "back_at",
            Self::BackAtBeyondHorizon => "back_at_beyond_horizon",
            Self::ExpectedWait => "expected_wait",
            Self::FreeBusyKinds => "free_busy_kinds",
            Self::FreeBusyTentative => "free_busy_tentative",
            Self::NowOver => "now_over",
            Self::OutsidePublicHours => "outside_public_hours",
            Self::PrivateLines => "private_lines",
            Self::PrivatePeople => "private_people",
            Self::Source => "source",
            Self::State => "state",
            Self::Until => "until",
            Self::Ways => "ways",
            Self::Zone => "zone",
        }
    }
}

/// Which audience sees what.
///
/// Of each field it says from which [`Audience`] on it is seen; whoever sees more than that audience
/// sees it too, so that no table can hide from a wider audience what a narrower one sees. A field without a row is
/// seen by nobody. Everybody sees the standing of whom he sees at all.
///
/// | field | by default from |
/// |---|---|
/// | `back_at`, `expected_wait`, `now_over`, `ways` | customer |
/// | `back_at_beyond_horizon`, `free_busy_tentative`, `outside_public_hours`, `private_people`, `state`, `until`, `zone` | colleague |
/// | `free_busy_kinds`, `private_lines`, `source` | own group |
///
/// Customers see `back_at`, `expected_wait`, `free_busy_tentative`, `now_over` and `ways` at most: a table that
/// shows them another field is an error. Read and written as a map of fields to audiences.
///
/// ```
/// use bereik_core::public_view::Audience;
/// use bereik_presence::{ViewField, ViewRules};
///
/// let rules = ViewRules::default();
/// assert!(!rules.shows(ViewField::State, Audience::Customer));
/// assert!(rules.shows(ViewField::State, Audience::Colleague));
/// let rules = rules.with(ViewField::State, Some(Audience::OwnGroup))?;
/// assert!(!rules.shows(ViewField::State, Audience::Colleague));
/// let error = rules.with(ViewField::State, Some(Audience::Customer)).unwrap_err();
/// assert_eq!(error.to_string(), "customers are never shown `state`");
/// # Ok::<(), bereik_presence::ViewRulesError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "BTreeMap<ViewField, Audience>",
        into = "BTreeMap<ViewField, Audience>"
    )
)]
pub struct ViewRules(BTreeMap<ViewField, Audience>);

impl Default for ViewRules {
    fn default() -> Self {
        use Audience::{Colleague, Customer, OwnGroup};
        let rows = [
            (ViewField::BackAt, Customer),
            (ViewField::BackAtBeyondHorizon, Colleague),
            (ViewField::ExpectedWait, Customer),
            (ViewField::FreeBusyKinds, OwnGroup),
            (ViewField::FreeBusyTentative, Colleague),
            (ViewField::NowOver, Customer),
            (ViewField::OutsidePublicHours, Colleague),
            (ViewField::PrivateLines, OwnGroup),
            (ViewField::PrivatePeople, Colleague),
            (ViewField::Source, OwnGroup),
            (ViewField::State, Colleague),
            (ViewField::Until, Colleague),
            (ViewField::Ways, Customer),
            (ViewField::Zone, Colleague),
        ];
        Self(BTreeMap::from(rows))
    }
}

impl ViewRules {
    /// A table by which nobody sees more than standings.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(BTreeMap::new())
    }

    /// Whether an audience sees a field.
    #[must_use]
    pub fn shows(&self, field: ViewField, audience: Audience) -> bool {
        self.0.get(&field).is_some_and(|from| *from <= audience)
    }

    /// The same, where a field is seen from this audience on, or by nobody.
    ///
    /// # Errors
    /// If it would show customers what they are never shown.
    pub fn with(
        mut self,
        field: ViewField,
        from: Option<Audience>,
    ) -> Result<Self, ViewRulesError> {
        match from {
            Some(Audience::Customer) if !field.is_for_customers() => {
                return Err(ViewRulesError { field });
            }
            Some(from) => self.0.insert(field, from),
            None => self.0.remove(&field),
        };
        Ok(self)
    }
}

impl TryFrom<BTreeMap<ViewField, Audience>> for ViewRules {
    type Error = ViewRulesError;

    fn try_from(rows: BTreeMap<ViewField, Audience>) -> Result<Self, ViewRulesError> {
        let rows = rows.into_iter();
        rows.map(|(field, from)| (field, Some(from)))
            .try_fold(Self::nothing(), |rules, (field, from)| {
                rules.with(field, from)
            })
    }
}

impl From<ViewRules> for BTreeMap<ViewField, Audience> {
    fn from(rules: ViewRules) -> Self {
        rules.0
    }
}

/// A table shows customers what they are never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewRulesError {
    field: ViewField,
}

impl ViewRulesError {
    /// What would have been shown.
    #[must_use]
    pub const fn field(&self) -> ViewField {
        self.field
    }
}

impl fmt::Display for ViewRulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customers are never shown `{}`", self.field.name())
    }
}

impl std::error::Error for ViewRulesError {}
