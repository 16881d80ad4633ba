//! Belvedere from the first page to the server.
#![doc = include_str!("guide.md")]

#[doc = include_str!("_1_first_page.md")]
pub mod _1_first_page {}

#[doc = include_str!("_2_state_and_events.md")]
pub mod _2_state_and_events {}

#[doc = include_str!("_3_lists_and_components.md")]
pub mod _3_lists_and_components {}

#[doc = include_str!("_4_url_and_forms.md")]
pub mod _4_url_and_forms {}

#[doc = include_str!("_5_layout_and_assets.md")]
pub mod _5_layout_and_assets {}

#[doc = include_str!("_6_sign_in.md")]
pub mod _6_sign_in {}

#[doc = include_str!("_7_database_and_traces.md")]
pub mod _7_database_and_traces {}

#[doc = include_str!("_8_tests.md")]
pub mod _8_tests {}

#[doc = include_str!("_9_deploy.md")]
pub mod _9_deploy {}

#[doc = include_str!("object_store.md")]
pub mod object_store {}

#[doc = include_str!("attributes.md")]
pub mod attributes {}
