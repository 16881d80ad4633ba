//! The application over HTTP, its binary, its traces and what it is deployed with, without a browser.

mod app;
mod binary;
mod busy;
mod company;
mod dashboard;
mod export;
mod faults;
mod full_list;
mod http;
mod import;
mod inspector;
mod kit;
mod ops;
mod pages;
mod people_csv;
mod read_only;
mod stop;
mod together;
mod traces;
mod user;
mod users;
