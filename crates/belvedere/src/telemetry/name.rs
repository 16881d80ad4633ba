//! What spans call a view or a component of which its author says nothing else.

/// A type's own name, without its path and its parameters.
pub(crate) fn short_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    let generics = if path.ends_with('>') { path.find('<') } else { None };
    let without_generics = &path[..generics.unwrap_or(path.len())];
    // Every act asks, and on a name this short a loop costs a tenth of the library's search.
    let start = without_generics.bytes().rposition(|byte| byte == b':');
    &without_generics[start.map_or(0, |colon| colon + 1)..]
}
