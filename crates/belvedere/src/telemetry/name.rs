//! What spans call a view or a component of which its author says nothing else.

/// A type's own name, without its path and its parameters.
pub(crate) fn short_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    let without_generics = path.split_once('<').map_or(path, |(head, _)| head);
    // By one character: every act asks, and a search for two costs ten times as much.
    without_generics.rsplit_once(':').map_or(without_generics, |(_, name)| name)
}
