//! What is said of a file before anything of it is saved.

use belvedere::testing::TestFile;
use domain::{testing, users};

use super::{Server, add, choose, many, names, open, problems};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_line_by_line_and_nothing_is_saved() {
    testing::on_each_database("what_is_wrong_is_said", async |database| {
        add(&database.repo, "Zoë").await;
        let server = Server::new(&database.repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        let long = "x".repeat(101);
        let text = format!(
            "name,age,task,completed\n\
             Ann,40,Write,yes\n\
             \"Bob,1,,\n\
             Cleo,1\n\
             ,x,,\n\
             {long},151,,maybe\n\
             Dan,1,,true\n\
             Eve,1.5,,\n\
             \"Fay\"x,1,,\n\
             ann,40,,\n\
             Ann,41,,\n\
             ZOë,1,,\n"
        );
        choose(&mut page, text).await;
        assert_eq!(
            problems(&page),
            [
                "3 |  | A quotation mark opens here, and none closes it.",
                "4 |  | The line has 2 columns, and the first line 4 columns.",
                "5 | name | This is missing.",
                "5 | age | This is not a whole number from 0 to 150.",
                "6 | name | This is too long: 101 letters, and 100 fit.",
                "6 | age | This is not a whole number from 0 to 150.",
                "6 | completed | This is neither true nor false.",
                "7 | task | This is missing.",
                "8 | age | This is not a whole number from 0 to 150.",
                "9 |  | There is text after a closing quotation mark. Inside a quoted cell, write a quotation mark twice.",
                "10 | name | Line 2 has this name, too. Names differ in more than capital letters, and the lines of a user follow each other.",
                "11 | age | In line 2 this user has another age.",
                "12 | name | There is a user of this name already.",
            ]
        );
        assert!(page.text("#verdict").contains("Nothing can be saved: 13 problems."));
        assert!(page.texts("#start").is_empty(), "there is no button to import it");
        page.send_event("click", "import", serde_json::json!({}), None).await;
        assert_eq!(names(&database.repo).await, ["Zoë"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_no_lines_and_too_many_items_are_problems() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let app = server.app.visitor();
    let mut page = open(&app).await;
    let many = "Bob,7,Rest\n".repeat(1_001);
    let names = "\u{200b},1,\n\"A\nnn\",1,\nCarl,1,\u{2067}Read\nDan,1,\u{feff}\n";
    choose(&mut page, format!("name,age,task\n{names}{many}")).await;
    assert_eq!(
        problems(&page),
        [
            "2 | name | This shows nothing.",
            "3 | name | This holds a line break or another control character.",
            "5 | task | This holds a sign that turns the direction of writing.",
            "6 | task | This shows nothing.",
            "1007 | task | A user has at most 1,000 items.",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_list_of_users_says_why() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let app = server.app.visitor();
    let mut page = open(&app).await;
    let utf16: Vec<u8> = "\u{feff}name,age\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (&b"\xef\xbb\xbf"[..], "1 |  | The file has no lines."),
        (b"\n\r\n", "1 |  | The file has no lines."),
        (b"\xef\xbb\xbf\n\xef\xbb\xbf\n", "2 |  | The first line has to name the columns"),
        (b"\n\xef\xbb\xbfname,age\n", "1 |  | There are no users below the first line."),
        (b"name,age\r\n", "1 |  | There are no users below the first line."),
        (b"Ann,40\nBob,7\n", "1 |  | The first line has to name the columns"),
        (b"name,task\nAnn,Write\n", "1 | age | The first line names no such column."),
        (b"name,age,name\n", "1 | name | The first line names this column twice."),
        (b"name,age,height\n", "1 |  | There is no column \u{201c}height\u{201d}."),
        (b"\"name,age\nAnn,40\n", "1 |  | A quotation mark opens here"),
        (b"name,age\rAnn,40\r", "1 |  | The lines end in a way"),
        (b"name,age\nAnn,40\nJos\xe9,7\n", "3 | name | This is not UTF-8."),
        (&utf16, "1 |  | The file is written in UTF-16."),
        (b"name|age\nAnn|40\n", "1 |  | The first line has to name the columns"),
    ] {
        choose(&mut page, bytes).await;
        let found = problems(&page);
        let found = found.first().map(String::as_str).unwrap_or_default();
        assert!(found.starts_with(expected), "{:?}: {found}", String::from_utf8_lossy(bytes));
    }
    for (name, bytes, expected) in [
        ("people.csv", vec![0_u8, 1, 2, 3], "Files of this type are not accepted."),
        ("people.csv", vec![b'a'; 20_000_001], "The file is too large; at most 20 MB are allowed."),
        ("people.xlsx", b"PK\x03\x04".to_vec(), "Files of this type are not accepted."),
    ] {
        page.form("#import").drop_files("CSV file", [TestFile::new(name, bytes)]).await;
        page.settle().await;
        assert_eq!(page.texts(".entry .failed"), [expected]);
        page.click(".entry button").await;
    }
    assert!(users::is_empty(&database.repo).await.expect("a query"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounded_number_of_problems_is_shown_and_the_rest_is_counted() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let app = server.app.visitor();
    let mut page = open(&app).await;
    choose(&mut page, format!("name,age\n{}", "Ann\n".repeat(5_000))).await;
    assert_eq!(problems(&page).len(), 20);
    assert_eq!(page.text("#more-problems"), "… and 4,980 more problems.");
    assert!(page.last_frame_bytes() < 8_000, "{} bytes", page.last_frame_bytes());

    let lines: String = (0..200_000).map(|n| format!("U{n},1\n")).collect();
    choose(&mut page, format!("name,age\n{lines}")).await;
    assert_eq!(problems(&page), ["200001 |  | A file has at most 200000 lines. Split it."]);

    for n in 0..25 {
        add(&database.repo, &format!("u{n}")).await;
    }
    choose(&mut page, "name,age\nNew,1\nU24,1\n,1\nU1,2\n").await;
    assert_eq!(
        problems(&page),
        [
            "3 | name | There is a user of this name already.",
            "4 | name | This is missing.",
            "5 | name | There is a user of this name already.",
        ],
        "in the order of the lines"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_be_cancelled_and_a_report_be_dismissed() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let mut page = open(&server.app.visitor()).await;
    assert_eq!(page.texts("#format").len(), 1);
    let file = TestFile::new("people.csv", many(100_000)).stalling_after(2);
    page.form("#import").drop_files("CSV file", [file]).await;
    let progress = page.attribute(".entry progress", "value").expect("a value");
    assert!((1..100).contains(&progress.parse::<u32>().expect("a number")), "{progress}");
    page.click(".entry button").await;
    assert!(page.texts(".entry").is_empty());

    choose(&mut page, "name,age\nAnn,40\n").await;
    page.click("#forget").await;
    assert!(page.texts("#report").is_empty() && page.texts("#format").len() == 1);
    assert!(users::is_empty(&database.repo).await.expect("a query"));
}
