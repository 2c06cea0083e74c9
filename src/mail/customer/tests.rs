//! Templates in every language, hostile names in them, and templates that try to reach out.

use super::*;
use crate::domain::customer_mail::Template;

fn notice(event: CustomerEvent) -> CustomerNotice {
    example(event, Words::default(), "Fairlight & Co", jiff::civil::date(2026, 11, 24))
}

fn view(notice: &CustomerNotice, language: Language) -> CustomerView<'_> {
    CustomerView {
        notice,
        words: Words::of(language),
        unsubscribe: Some("https://b.example/u/token"),
        attached: notice.attach,
    }
}

#[test]
fn every_template_that_comes_with_the_app_renders_in_every_language() {
    for language in Language::ALL {
        for event in CustomerEvent::ALL {
            for (expected, said_before, message) in [(true, true, Some("Hello")), (false, false, None)] {
                let mut notice = example(event, Words::of(language), "Fairlight & Co", jiff::civil::date(2026, 11, 24));
                notice.message = message.map(str::to_owned);
                if !expected {
                    notice.expected = None;
                }
                if !said_before {
                    notice.said_before = None;
                }
                let template = default_template(event, language);
                let mail = render(view(&notice, language), &template).unwrap();
                let item = Words::of(language).say("customer-example-item").to_string();
                let what = format!("{language:?} {event:?}\n{}", mail.text);
                assert!(mail.subject.contains("SO-1042") && !mail.subject.contains("{{"), "{what}");
                assert!(mail.text.contains("Müller & Söhne GmbH"), "{what}");
                assert!(mail.text.contains("https://b.example/u/token"), "{what}");
                assert!(mail.html.contains("Müller &#38; Söhne GmbH"), "{what}");
                assert_eq!(mail.text.contains(&item), event != CustomerEvent::Document, "{what}");
                assert!(!mail.text.contains('\u{1}') && !mail.html.contains('\u{1}'), "{what}");
                assert_eq!(mail.text.contains("Hello"), message.is_some(), "{what}");
            }
        }
    }
}

#[test]
fn names_are_text_and_never_markup_or_template() {
    let mut notice = notice(CustomerEvent::Backorder);
    let hostile = "<script>alert(1)</script>{{ 7*7 }}${7*7}\"><img src=x onerror=y>\u{1}lines\u{1}";
    notice.customer.name = hostile.to_owned();
    notice.lines[0].name = hostile.to_owned();
    notice.number = "{% include '/etc/passwd' %}".to_owned();
    let mail = render(view(&notice, Language::En), &default_template(CustomerEvent::Backorder, Language::En)).unwrap();
    assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
    assert!(mail.html.contains("{{ 7*7 }}"), "{}", mail.html);
    assert_eq!(mail.html.matches("<table width").count(), 1, "a name is not the list of items");
    assert!(mail.subject.contains("{% include '/etc/passwd' %}"));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hostile_names.json");
    let page: Vec<String> = serde_json::from_str(&std::fs::read_to_string(page).unwrap()).unwrap();
    for hostile in page {
        notice.customer.name.clone_from(&hostile);
        notice.lines[0].name.clone_from(&hostile);
        notice.number.clone_from(&hostile);
        let template = default_template(CustomerEvent::Backorder, Language::En);
        let mail = render(view(&notice, Language::En), &template).unwrap();
        for markup in
            ["<script", "<img", "<svg", "<iframe", "<object", "<embed", "<base", "<form", "<math", "\" onmouse"]
        {
            assert!(!mail.html.contains(markup), "{hostile:?}: {markup}");
        }
        assert_eq!(mail.html.matches("<table width").count(), 1, "{hostile:?}");
        assert!(!mail.subject.contains(|c: char| c.is_control()), "{hostile:?}: {:?}", mail.subject);
    }
}

#[test]
fn what_a_company_writes_itself_is_text_too() {
    let notice = notice(CustomerEvent::Document);
    let template = Template {
        subject: "Hi {{ customer | upper }}".to_owned(),
        body: "<b>bold</b> http://tracker.example/x.gif\n<img src=http://tracker.example/x.gif>".to_owned(),
    };
    let mail = render(view(&notice, Language::En), &template).unwrap();
    assert_eq!(mail.subject, "Hi MÜLLER & SÖHNE GMBH");
    assert!(!mail.html.contains("<b>") && !mail.html.contains("<img"), "{}", mail.html);
}

#[test]
fn templates_that_reach_out_or_do_not_end_are_refused_in_words() {
    let notice = notice(CustomerEvent::Document);
    let refused = |body: &str| {
        let template = Template { subject: "s".to_owned(), body: body.to_owned() };
        render(view(&notice, Language::En), &template).expect_err(body).to_string()
    };
    assert!(refused("{{ password }}").contains("list of placeholders"), "{}", refused("{{ password }}"));
    assert!(refused("a\n{{ customer.secret }}").contains("line 2"), "{}", refused("a\n{{ customer.secret }}"));
    for body in [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{{ range(1000000000) }}",
        "{{ debug() }}",
        "{% if %}",
        "{{ customer",
        "{{ customer | safe | escape }}",
        "{{ 'x' * 1000000000 }}",
        "{{ ('x' * 10000) * 10000 }}",
        "{% for a in customer %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 900 }}{% endfor %}",
        "{% for a in [1,2,3,4,5,6,7,8,9] %}{% for b in [1,2,3,4,5,6,7,8,9] %}{% for c in [1,2,3,4,5,6,7,8,9] %}{% for d in [1,2,3,4,5,6,7,8,9] %}{% for e in [1,2,3,4,5,6,7,8,9] %}{{ a }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "\u{1}lines\u{1}",
    ] {
        let said = refused(body);
        assert!(!said.is_empty() && said.len() < 300, "{body}: {said}");
    }
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let mut notice = notice(CustomerEvent::Backorder);
    notice.lines = std::iter::repeat_n(notice.lines[0].clone(), 120).collect();
    let mail = render(view(&notice, Language::De), &default_template(CustomerEvent::Backorder, Language::De)).unwrap();
    assert_eq!(mail.text.matches("Desk lamp").count(), 50);
    assert!(mail.text.contains("und 70 weitere"), "{}", mail.text);
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let notice = notice(CustomerEvent::Backorder);
    let mail = render(view(&notice, Language::En), &default_template(CustomerEvent::Backorder, Language::En)).unwrap();
    for outside in ["src=", "url(", "@import", "<link", "<script"] {
        assert!(!mail.html.contains(outside), "{outside}");
    }
}
