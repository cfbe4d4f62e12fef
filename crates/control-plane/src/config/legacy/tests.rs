use proptest::prelude::*;

use super::*;

/// What was set, problems, warnings.
fn read(text: &str) -> (Layer, Vec<String>, Vec<String>) {
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    let layer = from_text(Path::new("s.rb"), text, &mut problems, &mut warnings);
    (layer, problems, warnings)
}

/// `key (line)` of everything that was set.
#[track_caller]
fn check_set(text: &str, expected: &[(&str, usize)]) {
    let (layer, problems, _) = read(text);
    assert_eq!(problems, [""; 0], "{text}");
    let keys = KNOWN.map(|(_, ours, _)| ours);
    let found = keys.iter().filter_map(|key| match layer.place(key)?.source {
        Source::Legacy(_, line) => Some((*key, line)),
        _ => None,
    });
    assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
}

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let (layer, problems, _) = read(text);
    let expected = format!("s.rb:{expected}; edit the file, or set legacy_config to an edited copy");
    assert_eq!(problems, [expected], "{text}");
    assert!(KNOWN.iter().all(|(_, ours, _)| layer.place(ours).is_none()), "{text}");
}

#[track_caller]
fn check_warnings(text: &str, expected: &[&str]) {
    let (_, problems, warnings) = read(text);
    assert_eq!(problems, [""; 0], "{text}");
    assert_eq!(warnings, expected, "{text}");
}

#[test]
fn the_manuals_snippet_is_refused_as_pasted() {
    for platform in ["openstack", "vmware"] {
        let pasted = format!(
            "app[:configuration] = {{\n    \"scalr\" => {{\n      \"{platform}\" => {{\n        \"instances_connection_policy\" => \"local\" or \"public\"\n       }}\n    }}\n}}\n"
        );
        check_refused(&pasted, "4:50: \"local\" or \"public\" are the values there are; choose one of the two");
        let chosen = pasted.replace(" or \"public\"", "");
        let ours = format!("{platform}.instances_connection_policy");
        check_set(&chosen, &[(ours.as_str(), 4)]);
        check_warnings(&chosen, &[]);
    }
    check_refused(
        "app[:configuration] = { a: 'x' || 'hunter2' }",
        "1:32: \"or\" between two values is not evaluated; choose one of the two",
    );
}

#[test]
fn every_way_to_write_a_hash() {
    let policy = [("openstack.instances_connection_policy", 1)];
    check_set("app[:configuration]={:scalr=>{:openstack=>{:instances_connection_policy=>:local}}}", &policy);
    check_set("app[:configuration] = {scalr: {openstack: {\"instances_connection_policy\": 'local',},},}", &policy);
    check_set("app[\"configuration\"][\"scalr\"][:openstack]['instances_connection_policy'] = \"local\"", &policy);
    check_set(
        "\u{feff}app[:configuration] =\n { # comment }\r\n :scalr => \n{ :openstack => { :instances_connection_policy\\\n => 'local' } } }",
        &[("openstack.instances_connection_policy", 4)],
    );
}

#[test]
fn all_known_keys() {
    check_set(
        r#"app[:configuration] = {
          :scalr => {
            :instances_connection_policy => "auto",
            :openstack => { :instances_connection_policy => "local" },
            :vmware => { :instances_connection_policy => "public" },
            :cache => { :instance_types => { :lifetime => 43_200 } },
            :security => { :user => {
              :session => { :timeout => "+15 min",
                            :lifetime => "+12 hours" },
              :suspension => { :failed_login_attempts => 3 } } } } }"#,
        &[
            ("instances_connection_policy", 3),
            ("openstack.instances_connection_policy", 4),
            ("vmware.instances_connection_policy", 5),
            ("instance_types_lifetime", 6),
            ("session.idle", 8),
            ("session.lifetime", 9),
            ("failed_login_attempts", 10),
        ],
    );
}

#[test]
fn a_later_hash_replaces_and_subscripts_merge() {
    let whole = |policy| {
        format!("app[:configuration] = {{ scalr: {{ {policy}: {{ instances_connection_policy: 'local' }} }} }}\n")
    };
    let two = format!("{}\n{}", whole("openstack"), whole("vmware"));
    check_set(&two, &[("vmware.instances_connection_policy", 3)]);
    check_warnings(
        &two,
        &["s.rb:3: this app[:configuration] = … replaces the one of line 1, as in Ruby; merge the two into one"],
    );
    let merged = format!(
        "{}app[:configuration][:scalr][:vmware] = {{ instances_connection_policy: :auto }}\n",
        whole("openstack")
    );
    check_set(&merged, &[("openstack.instances_connection_policy", 1), ("vmware.instances_connection_policy", 2)]);
    check_warnings(&merged, &[]);
    check_warnings(
        "app[:configuration] = {\n scalr: { vmware: {} },\n scalr: { openstack: {} }\n}",
        &["s.rb:3: scalr replaces the one of line 2, as in Ruby; merge them"],
    );
}

/// After the configuration that the original's own installer proposed: variables, conditions, calls.
#[test]
fn the_rest_of_a_real_file_is_no_obstacle() {
    let text = "enable_all false\nproduct_mode :prod\nENDPOINT = '10.0.0.1'\nproto = 'http'  # or 'https'\n\
        routing[:endpoint_scheme] = proto\nrouting[:endpoint_host] = \"scalr.example.com\"\n\
        routing[:plotter_port] = if proto == 'http' then 80 else 443 end\n\
        app[:memcached_servers] = [ENDPOINT + ':' + '11211']\napp[:ip_ranges] = ['0.0.0.0/0']\n\
        http_proxy \"http://me:hunter2@proxy:8080\"\nweb[:note] = <<~TEXT\n  it's { not closed\nTEXT\n\
        if File.exist?('/x')\n  proxy[:ssl_enable] = true\nend\n\
        app[:instances_connection_policy] = 'local'  # Or 'public'\napp[:configuration] = {}  # Extra\n";
    check_set(text, &[("instances_connection_policy", 17)]);
    check_warnings(
        text,
        &[
            "s.rb:5: this statement is skipped: \"proto\" is a variable or a method call and is not evaluated; write the value itself",
            "s.rb:7: this statement is skipped: \"if\" is a variable or a method call and is not evaluated; write the value itself",
            "s.rb:8: this statement is skipped: \"ENDPOINT\" is a variable or a method call and is not evaluated; write the value itself",
            "s.rb:11: this statement is skipped: a heredoc is not supported; write a string in quotes",
            "s.rb:14: this statement is skipped: \"if\" is Ruby code, which is not run",
            "s.rb: keys that mean nothing here: enable_all (line 1), product_mode (line 2), \
             routing[:endpoint_host] (line 6), app[:ip_ranges] (line 9), http_proxy (line 10)",
        ],
    );
}

/// The values are those of Ruby 3.1.
#[test]
fn literals_mean_what_they_mean_in_ruby() {
    let check = |literal: &str, expected: Node| {
        let document = parse(&format!("app[:configuration] = {{ a: {literal} }}")).unwrap();
        let Node::Hash(entries) = &document.configuration[0].value.node else { panic!("no hash") };
        assert_eq!(entries[0].1.node, expected, "{literal}");
    };
    for (literal, expected) in [
        (r"'a\nb\\c\'d'", "a\\nb\\c'd"),
        ("'#{x} \"'", "#{x} \""),
        (r#""a\tb\\\"\#{x} \u00e9\u{1F600}\x41\q # $""#, "a\tb\\\"#{x} é😀Aq # $"),
        ("\"a\\\nb\"", "ab"),
        ("\"\\s\\0\\e\"", " \0\u{1b}"),
    ] {
        check(literal, Node::Text(expected.to_owned()));
    }
    for (literal, expected) in
        [("-5", -5), ("1_000", 1000), ("0x1f", 31), ("0b101", 5), ("017", 15), ("0o17", 15), ("-0x10", -16)]
    {
        check(literal, Node::Integer(expected));
    }
    for (literal, expected) in [(":a_1", "a_1"), (":\"x y\"", "x y"), (":ok?", "ok?")] {
        check(literal, Node::Symbol(expected.to_owned()));
    }
    for literal in ["1.5", "-2.25e-3", "1e3"] {
        check(literal, Node::Other("a number with a fraction"));
    }
}

/// Each would swallow the assignment after it, or let it go too early, if its end were taken wrongly.
#[test]
fn statements_end_where_ruby_ends_them() {
    for before in [
        "while x do\n y\nend",
        "x = if a then b else c end",
        "y = 1 if x",
        "x.each do |it|\n if it\n  y\n end\nend",
        "def f\n x\nend",
        "web[:a] = <<~E\n it's {\n  E\n",
        "web[:a] = <<-'E', <<B\n it's {\n  E\n\"\nB\n",
        "web[:a] = %w[it's { [x]] + %q(\")",
        "web[:a] = /it's [\"{]/",
        "web[:a] = 8 / 2 / 1 % 3",
        "web[:a] = \"a#{ {b: \"}\"}[:b] + 'it' }b{\"",
        "web[:a] = ?' + ?\\' + ?{",
        "=begin\nit's {\n=end",
        "x = y ? 'a' : 'b'",
        "a; b = 'it'; c",
    ] {
        let text = format!("{before}\napp[:configuration] = {{ scalr: {{ instances_connection_policy: 'local' }} }}");
        check_set(&text, &[("instances_connection_policy", text.lines().count())]);
    }
    let after = "app[:configuration] = {}\n__END__\nit's {";
    check_set(after, &[]);
}

#[test]
fn placement_on_vsphere() {
    let text = "app[:configuration] = { scalr: { vmware: {\n placement: { host_metrics_weight: {\n cpu: 2, memory: 1,\n\
                disk: 5 } },\n datastore_vm_launch_buffer: 20 } } }";
    check_set(
        text,
        &[
            ("vmware.placement_weight_cpu", 3),
            ("vmware.placement_weight_memory", 3),
            ("vmware.placement_weight_disk", 4),
            ("vmware.datastore_buffer_gib", 5),
        ],
    );
    check_warnings(text, &[]);
}

#[test]
fn unknown_keys_are_listed_together() {
    check_warnings(
        "app[:configuration] = {\n 'scalr' => {\n  'auth_mode' => 'ldap',\n  'connections' => { 'ldap' => { 'pass' => 'hunter2' } },\n  'allowed_clouds' => ['ec2', 'openstack'],\n  'system' => { 'instances_connection_timeout' => 4 } } }",
        &["s.rb: keys that mean nothing here: scalr.auth_mode (line 3), scalr.connections.ldap.pass (line 4), \
           scalr.allowed_clouds (line 5), scalr.system.instances_connection_timeout (line 6)"],
    );
}

#[test]
fn nothing_is_evaluated() {
    let value =
        |value: &str, expected: &str| check_refused(&format!("app[:configuration] = {{ a: {value} }}"), expected);
    value("\"x#{y}\"", "1:28: \"#{…}\" is not evaluated; write the text itself");
    value("ENV['X']", "1:28: ENV[…] is not read; write the value itself");
    value("foo(1)", "1:28: \"foo\" is a variable or a method call and is not evaluated; write the value itself");
    value("$x", "1:28: a variable is not evaluated; write the value itself");
    value("`id`", "1:28: a shell command is not run; write its result in quotes");
    value("<<~X\nit's\nX\n", "1:28: a heredoc is not supported; write a string in quotes");
    value("%w[a b]", "1:28: a % literal is not supported; write strings in quotes");
    value("/it's/", "1:28: a regular expression is not supported");
    value("1x", "1:28: this number is not supported; write a whole number or one with a decimal point");
    value("\"\\101\"", "1:28: this escape sequence in a string is not supported; write the character itself");
    value("'b'.freeze", "1:31: expected \",\" or \"}\", found \".\"");
    value("1 + 1", "1:30: expected \",\" or \"}\", found \"+\"");
}

#[test]
fn what_is_expected_and_where() {
    check_refused("app[:configuration] = { a 1 }", "1:25: expected a key in quotes, a symbol or \"}\", found \"a\"");
    check_refused("app[:configuration] = { 'a' 1 }", "1:29: expected \"=>\" after the key, found a number");
    check_refused("app[:configuration] = {\n'a' => 1\n'b' => 2 }", "3:1: expected \",\" or \"}\", found a string");
    check_refused("app[:configuration] = { 'a' => }", "1:32: expected a value, found \"}\"");
    check_refused("app[:configuration] = { a: [1 2] }", "1:31: expected \",\" or \"]\", found a number");
    check_refused("app[:configuration] = {} if x", "1:26: expected the end of the line, found \"if\"");
    check_refused("app[:configuration][x] = 1", "1:21: expected a key, as in [:name] or [\"name\"], found \"x\"");
    for (text, found) in
        [("app[:configuration].merge!({})", "20: \".\""), ("app[:configuration] ||= {}", "21: \"||=\"")]
    {
        let (column, found) = found.split_once(": ").unwrap();
        let expected = format!("1:{column}: expected \"=\" or \"[\" after app[:configuration], found {found}");
        check_refused(text, &expected);
    }
    check_refused(
        "if x\n app[:configuration] = {}\nend",
        "1:1: expected app[:configuration] = {…} or app[:configuration][\"…\"] = …, by itself, found \"if\"",
    );
}

#[test]
fn what_hides_the_rest_of_the_file_is_refused_anywhere() {
    for (text, what) in [
        ("proxy[:a] = \"it's", "1:13: this string"),
        ("\nx = 'a", "2:5: this string"),
        ("=begin\n", "1:1: this =begin comment"),
        ("x <<-E\n", "1:3: this heredoc"),
        ("x = %w[", "1:5: this % literal"),
        ("x do\n", "1:3: this do"),
        ("proxy[:a] = {\n", "1:13: this {"),
    ] {
        check_refused(text, &format!("{what} never ends, so that nothing after it can be read; close it"));
    }
}

#[test]
fn wrong_values_of_known_keys() {
    let check = |text: &str, expected: &str| assert_eq!(read(text).1, [expected]);
    check(
        "app[:configuration] = { 'scalr' => { 'cache' => { 'instance_types' => {\n'lifetime' => '1d' } } } }",
        "s.rb:2: scalr.cache.instance_types.lifetime: expected a whole number of seconds, such as 86400, found text",
    );
    check(
        "app[:configuration] = { scalr: { instances_connection_policy: nil } }",
        "s.rb:1: scalr.instances_connection_policy: expected text in quotes, found nil",
    );
    check("\napp[:configuration] = 'x'", "s.rb:2: app[:configuration] = … expected a hash, found text");
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("app[:configuration] = {}{}", "{ a: ".repeat(depth), "}".repeat(depth));
    let deep = nested(65).replace(": }", ": 1}");
    check_refused(&deep, "1:348: this is nested more than 64 deep");
    check_set(&nested(64).replace(": }", ": 1}"), &[]);
    let many = "[".repeat(file::LARGEST as usize / 2);
    check_refused(&many, "1:1: this [ never ends, so that nothing after it can be read; close it");
}

/// The position is one of the text: a line that there is and at most one column after its end.
fn check_position(text: &str) {
    let lines: Vec<usize> = text.split('\n').map(|it| it.chars().count()).collect();
    let within = |at: Position| {
        let n_columns = at.line.checked_sub(1).and_then(|it| lines.get(it)).copied();
        n_columns.is_some_and(|it| (1..=it + 1).contains(&at.column))
    };
    match parse(text) {
        Err(err) => assert!(within(err.at), "{:?} of {text:?}", err.at),
        Ok(document) => {
            let others = document.others.iter().map(|it| it.at);
            let skipped = document.skipped.iter().map(|it| it.at);
            let assigned = document.configuration.iter().flat_map(|it| [it.at, it.value.at]);
            for at in others.chain(skipped).chain(assigned) {
                assert!(within(at), "{at:?} of {text:?}");
            }
        }
    }
    read(text);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_read_or_refused_with_its_position(text in any::<String>()) {
        check_position(&text);
        check_position(&format!("app[:configuration] = {text}"));
    }

    #[test]
    fn any_mixture_of_ruby_is_read_or_refused_with_its_position(
        parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..40)
    ) {
        check_position(&parts.concat());
    }

    #[test]
    fn strings_come_out_as_they_went_in(text in any::<String>()) {
        let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
        let document = parse(&format!("app[:configuration] = {{ 'a' => '{quoted}' }}")).unwrap();
        let expected = Node::Text(text);
        let Node::Hash(entries) = &document.configuration[0].value.node else { panic!("no hash") };
        prop_assert_eq!(&entries[0].1.node, &expected);
    }
}

const PARTS: [&str; 54] = [
    "app[:configuration]",
    "app[:x]",
    " = ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    "=>",
    ":a",
    "b:",
    "'c'",
    "\"d\"",
    "\"",
    "'",
    "#{",
    "# e\n",
    "\n",
    "\r\n",
    ";",
    "\\",
    "1",
    "-2",
    "0x",
    "1.5",
    "1e",
    "1_",
    "true",
    "nil",
    "if ",
    " do ",
    "end",
    "while x",
    "<<~E\n",
    "<<'E'",
    "E\n",
    "%w[",
    "%q(",
    "/",
    "?f",
    "`",
    "$g",
    "@h",
    "=begin\n",
    "\n=end\n",
    "\n__END__\n",
    "é",
    "\u{feff}",
    "or",
    "||",
    ".",
    "::",
];
