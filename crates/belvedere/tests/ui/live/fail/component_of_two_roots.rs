use belvedere::live;
use belvedere::template::Element;

fn component(name: &str) -> impl Element {
    live! { b { (name) } i { (name) } }
}

fn main() {
    let _ = component("a");
}
