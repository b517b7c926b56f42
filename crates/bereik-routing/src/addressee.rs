//! Whom a contact is for: whether the directory knows them, and for whom it is when it does not.

use bereik_core::Directory;
use bereik_core::contact::{Addressee, Authorship};
use bereik_core::group::Group;
use bereik_core::id::PersonId;
use bereik_core::person::Person;

/// The longest name of a document that is kept, in characters.
const DOCUMENT_CHARS_MAX: usize = 1_024;
/// The most people of a document that are kept.
const AUTHORS_MAX: usize = 16;

/// Whether the directory has somebody for an addressee.
pub(crate) fn is_known(directory: &Directory, addressee: &Addressee) -> bool {
    match addressee {
        Addressee::Authors(authorship) => {
            let mut people = authorship.people.iter();
            let subject = authorship.subject.as_ref();
            people.any(|person| directory.person(person).is_some())
                || subject.is_some_and(|subject| !directory.holders_of(subject).is_empty())
        }
        Addressee::Group(id) => directory.group(id).is_some(),
        Addressee::Person(id) => directory.person(id).is_some(),
        Addressee::Skill(skill) => !directory.holders_of(skill).is_empty(),
        _ => false,
    }
}

/// For whom a contact is when nobody chose: the first public group, else the first group, else
/// the first public person, else the first.
pub(crate) fn somebody(directory: &Directory) -> Option<Addressee> {
    let people = directory.people();
    let person = people.iter().find(|person| person.is_public);
    let person = person.or(people.first()).map(|person: &Person| &person.id);
    let group = default_group(directory).map(|group| group.id.clone());
    let group = group.map(Addressee::Group);
    group.or_else(|| person.cloned().map(Addressee::Person))
}

/// The group that is asked when nobody chose one.
pub(crate) fn default_group(directory: &Directory) -> Option<&Group> {
    let groups = directory.groups();
    let public = groups.iter().find(|group| group.is_public);
    public.or(groups.first())
}

/// The same addressee, no larger than is kept.
pub(crate) fn within_bounds(addressee: Addressee) -> Addressee {
    let Addressee::Authors(authorship) = addressee else {
        return addressee;
    };
    let Authorship {
        document,
        mut people,
        subject,
    } = *authorship;
    people.truncate(AUTHORS_MAX);
    Addressee::Authors(Box::new(Authorship {
        document: document.chars().take(DOCUMENT_CHARS_MAX).collect(),
        people,
        subject,
    }))
}

/// Those who wrote a document and are known, the author first.
pub(crate) fn authors<'a>(
    directory: &'a Directory,
    authorship: &'a Authorship,
) -> impl Iterator<Item = &'a PersonId> {
    let people = authorship.people.iter();
    people.filter(|person| directory.person(person).is_some())
}
