use store::{Order, Select, Value, accounts};

use crate::{seed::at, test_db::TestDb};

on_both_engines!(filters_and_order, pages_are_parts_of_the_list, texts_are_only_texts);

async fn filters_and_order(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    for (second, name) in (0..).zip(["b", "a-b", "ab", "B", "a_b", "a%b", "ä", "a\\b"]) {
        accounts::insert(&mut tx, name, at(second)).await.unwrap();
    }
    let cases: [(Select, &[&str]); 14] = [
        (Select::new().eq("name", "B"), &["B"]),
        (Select::new().any_of("name", ["ab", "b", "none"]), &["ab", "b"]),
        (Select::new().any_of("name", Vec::<Value>::new()), &[]),
        (Select::new().contains("name", "_"), &["a_b"]),
        (Select::new().contains("name", "%"), &["a%b"]),
        (Select::new().contains("name", "\\"), &["a\\b"]),
        (Select::new().contains("name", "B").below("id", 4), &["a-b", "ab", "b"]),
        (Select::new().contains("name", "ä"), &["ä"]),
        (Select::new().is_null("name"), &[]),
        (Select::new().is_not_null("name").below("created_at", at(2)), &["a-b", "b"]),
        (Select::new().at_least("created_at", at(6)), &["a\\b", "ä"]),
        (Select::new().eq_or_null("id", 1), &["b"]),
        // By bytes, whatever the locale of the server.
        (Select::new(), &["B", "a%b", "a-b", "a\\b", "a_b", "ab", "b", "ä"]),
        (Select::new().limit(2).offset(6), &["b", "ä"]),
    ];
    for (select, expected) in cases {
        let shown = format!("{select:?}");
        let listed = accounts::list(&mut tx, select.order_by("name", Order::Ascending)).await.unwrap();
        let names: Vec<_> = listed.rows.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, expected, "{shown}");
    }
    let page = accounts::list(&mut tx, Select::new().limit(3).order_by("status", Order::Descending)).await.unwrap();
    assert_eq!((page.rows.iter().map(|it| it.id).collect::<Vec<_>>(), page.total), (vec![1, 2, 3], 8));
    assert_eq!(page.map(|it| it.id).rows, [1, 2, 3]);
    let beyond = accounts::list(&mut tx, Select::new().offset(100)).await.unwrap();
    assert_eq!((beyond.rows.len(), beyond.total), (0, 8));
}

/// Those of the second half are read from the end.
async fn pages_are_parts_of_the_list(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    for second in 0..9 {
        accounts::insert(&mut tx, &format!("account {second}"), at(second / 4)).await.unwrap();
    }
    for order in [Order::Ascending, Order::Descending] {
        let select = || Select::new().is_not_null("name").order_by("created_at", order);
        let all = accounts::list(&mut tx, select()).await.unwrap().rows;
        assert_eq!(all.len(), 9);
        for (size, offset) in (1..=10).flat_map(|size| (0..=10).map(move |offset| (size, offset))) {
            let page = accounts::list(&mut tx, select().limit(size).offset(offset)).await.unwrap();
            let (size, offset) = (usize::try_from(size).unwrap(), usize::try_from(offset).unwrap());
            let expected: Vec<_> = all.iter().skip(offset).take(size).cloned().collect();
            assert_eq!((page.rows, page.total), (expected, 9), "{size} from {offset}");
            let rest = accounts::list(&mut tx, select().offset(i64::try_from(offset).unwrap())).await.unwrap().rows;
            assert_eq!(rest, all.iter().skip(offset).cloned().collect::<Vec<_>>(), "all from {offset}");
        }
    }
}

async fn texts_are_only_texts(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let long = "\u{1f98a}e\u{301}\u{202e}".chars().cycle().take(255).collect::<String>();
    let names = [
        "'; DROP TABLE accounts; --",
        "\" OR 1=1",
        "$1 ? :name %s {} \\",
        "line\nbreak\ttab\r",
        " ",
        "\u{feff}\u{200b}\u{10ffff}",
        "ﷺ𝕊𝕢𝕝 نص עברית 日本語",
        long.as_str(),
    ];
    for name in names {
        let account = accounts::insert(&mut tx, name, at(0)).await.unwrap();
        assert_eq!(accounts::get(&mut tx, account.id).await.unwrap().name, name);
        let found = accounts::list(&mut tx, Select::new().eq("name", name)).await.unwrap();
        assert_eq!(found.rows, std::slice::from_ref(&account));
        let part = accounts::list(&mut tx, Select::new().contains("name", name)).await.unwrap();
        assert!(part.rows.contains(&account), "{name:?}");
    }
    tx.commit().await.unwrap();
}
