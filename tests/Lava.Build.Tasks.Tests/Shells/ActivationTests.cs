namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class ActivationTests
{
    private static readonly string[] Shells = ["bash", "zsh", "dash", "fish", "tcsh"];

    private static readonly string[] OddNames =
    [
        "plain", "with spaces  two", "single'quote''s'", "double\"quote\"", "$HOME ${x} $(id) $$", "`id`", @"back\slash\n\\",
        "glob*?[a-z]{a,b}", "-dash", "--", "ünïcødé 漢字 🌋", "bang!1!!", "per%cent %x %n", "#hash ~ ^caret ; & | < > ( )", "=equals",
        "code", "bin", "tab\there",
    ];

    private static readonly string[] NewlineNames = ["new\nline", "trailing\n", "two\n\n", "\n"];

    public static IEnumerable<object[]> ShellsAndNames =>
        from shell in Shells
        from name in shell == "tcsh" ? OddNames : [.. OddNames, .. NewlineNames]
        select new object[] { shell, name };

    public static IEnumerable<object[]> ShellNames => Shells.Select(shell => new object[] { shell });

    [TestMethod]
    [DynamicData(nameof(ShellsAndNames))]
    public async Task Any_path_and_name_can_be_entered_and_left(string shellName, string name)
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, name), name);
        await EnterAndLeaveAsync(Shell.Of(shellName), instance, instance.InBin(Shell.Of(shellName).Script));
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task Every_way_to_the_file_leads_to_the_same_instance(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "-in stance"));
        File.CreateSymbolicLink(Path.Combine(directory.Path, "link to dir"), "-in stance");
        File.CreateSymbolicLink(Path.Combine(directory.Path, "link to file"), $"link to dir/bin/{shell.Script}");
        string[] files =
        [
            instance.InBin(shell.Script),
            Path.Combine(instance.Root, "code/current/bin", shell.Script),
            instance.InRelease("bin", shell.Script),
            Path.Combine(directory.Path, "link to file"),
            Path.Combine(directory.Path, "link to dir/bin", shell.Script),
            "./-in stance/bin/" + shell.Script,
            "link to dir/bin/" + shell.Script,
        ];
        foreach (string file in files)
        {
            await EnterAndLeaveAsync(shell, instance, file, directory: directory.Path);
        }
    }

    [TestMethod]
    [DataRow("bash")]
    [DataRow("zsh")]
    [DataRow("fish")]
    public async Task A_relative_path_may_start_with_a_dash(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName) with { Source = name => shellName == "zsh" ? $". \"${name}\"\n" : $"source -- \"${name}\"\n" };
        FakeInstance instance = new(Path.Combine(directory.Path, "-"));
        await EnterAndLeaveAsync(shell, instance, "-/bin/" + shell.Script, directory: directory.Path);
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task Variables_are_restored_exactly(string shellName)
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        string odd = "it's \"odd\" \\ $HOME `id` * ! é" + (shellName == "tcsh" ? "" : "\nline\n");
        string file = instance.InBin(Shell.Of(shellName).Script);
        Dictionary<string, string?>[] environments =
        [
            new() { ["PYTHONHOME"] = odd, ["VIRTUAL_ENV_PROMPT"] = odd, ["LAVA_INSTANCE"] = odd, ["VIRTUAL_ENV"] = odd },
            new() { ["PYTHONHOME"] = "", ["VIRTUAL_ENV_PROMPT"] = "", ["LAVA_INSTANCE"] = "", ["VIRTUAL_ENV"] = "" },
            new() { ["PATH"] = $".:/usr/bin:/bin:relative:/o d'd/\"x\"/$y/\\z/`q`/*:~/bin" + (shellName == "tcsh" ? "" : ":/new\nline") },
            new() { ["HOME"] = null, ["TERM"] = null },
            new() { ["VIRTUAL_ENV_DISABLE_PROMPT"] = "1" },
            new() { ["PS1"] = odd },
        ];
        foreach (Dictionary<string, string?> environment in environments)
        {
            // dash is told the instance by that very variable.
            if (shellName == "dash")
            {
                environment.Remove("LAVA_INSTANCE");
            }

            await EnterAndLeaveAsync(Shell.Of(shellName), instance, file, environment);
        }
    }

    [TestMethod]
    [DataRow("bash")]
    [DataRow("zsh")]
    [DataRow("dash")]
    public async Task Variables_that_were_unset_empty_or_not_exported_are_so_again(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        string enter = $"{shell.Source("FILE")}echo \"$PATH|${{PYTHONHOME-unset}}\"\ndeactivate\n";
        string script = $$"""
            {{shell.Tell("FILE")}}unset PATH
            {{enter}}echo "${PATH-unset}"
            PATH=
            {{enter}}echo "<$PATH>"
            PYTHONHOME=a VIRTUAL_ENV=b VIRTUAL_ENV_PROMPT=c
            {{enter}}echo "$PYTHONHOME $VIRTUAL_ENV $VIRTUAL_ENV_PROMPT"
            /usr/bin/env | /bin/grep -E '^(PYTHON|VIRTUAL)' || echo "not exported"
            """;
        string output = await Run.OutputAsync(shell.Name, [.. shell.Options, "-c", shell.Strict + script], new Dictionary<string, string?>
        {
            ["FILE"] = instance.InBin(shell.Script),
            ["ROOT_FILE"] = instance.Root,
        });
        string entered = instance.Root + "/bin|unset\n";
        Assert.AreEqual($"{entered}unset\n{entered}<>\n{entered}a b c\nnot exported\n", output);
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task Entering_twice_or_another_instance_leaves_no_trace_of_the_first(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance first = new(Path.Combine(directory.Path, "fir'st"), "one");
        FakeInstance second = new(Path.Combine(directory.Path, "sec ond"), "two");
        string script = shell.Tell("FILE") + Shell.Dump("before") + shell.Source("FILE") + Shell.Dump("first")
            + shell.Source("FILE") + Shell.Dump("again") + shell.Tell("FILE1") + shell.Source("FILE1") + Shell.Dump("second")
            + "deactivate\n" + Shell.Dump("after");
        Dictionary<string, ShellState> states = await shell.RunAsync(
            script, [new(first.InBin(shell.Script), first), new(second.InBin(shell.Script), second)],
            new Dictionary<string, string?> { ["PYTHONHOME"] = "/x" });
        AssertSame(states["first"], states["again"]);
        AssertEntered(states["before"], states["second"], second);
        AssertSame(states["before"], states["after"]);
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task A_virtual_environment_that_was_active_is_left_first(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        string environment = Path.Combine(directory.Path, "venv");
        await Run.OutputAsync(FakeInstance.HostPython, ["-m", "venv", "--without-pip", environment]);
        string prompt = shellName switch { "fish" => "", "tcsh" => "set prompt = 'p> '\n", _ => "export PS1='p> '\n" };
        // Python's own script is not written for strict shells.
        string script = prompt + shell.Tell("FILE") + Shell.Dump("before")
            + (shell.Name is "fish" or "tcsh" ? "source $VENV\n" : ". \"$VENV\"\n")
            + shell.Source("FILE") + Shell.Dump("during") + "deactivate\n" + Shell.Dump("after");
        Dictionary<string, ShellState> states = await shell.RunAsync(
            script, [new(instance.InBin(shell.Script), instance)],
            new Dictionary<string, string?> { ["VENV"] = Path.Combine(environment, "bin", shell.Script) }, strict: false);
        AssertEntered(states["before"], states["during"], instance);
        AssertSame(states["before"], states["after"]);
        Assert.IsFalse(states["during"].Rest.Contains("(venv)", StringComparison.Ordinal), states["during"].Rest);
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task A_shell_inside_an_active_shell_can_enter_and_leave_too(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        Dictionary<string, string?> inherited = new()
        {
            ["LAVA_INSTANCE"] = instance.Root,
            ["VIRTUAL_ENV"] = instance.Root + "/code/current",
            ["VIRTUAL_ENV_PROMPT"] = instance.Name,
            ["PATH"] = $"{instance.Root}/bin:{Run.DefaultPath}",
        };
        Dictionary<string, ShellState> states = await shell.RunAsync(
            shell.Source("FILE") + Shell.Dump("during") + "deactivate\n" + Shell.Dump("after"),
            [new(instance.InBin(shell.Script), instance)], inherited);
        Assert.AreEqual($"{instance.Root}/bin:{Run.DefaultPath}", states["during"].Variables["PATH"]);
        Assert.AreEqual(Run.DefaultPath, states["after"].Variables["PATH"]);
        Assert.IsFalse(states["after"].Variables.ContainsKey("VIRTUAL_ENV"));
        Assert.IsFalse(states["after"].Variables.ContainsKey("LAVA_INSTANCE"));
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task A_moved_and_read_only_instance_is_found_where_it_is_now(string shellName)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "old"));
        await EnterAndLeaveAsync(shell, instance, instance.InBin(shell.Script));
        instance.MoveTo(Path.Combine(directory.Path, "new place"));
        UnixFileMode mode = File.GetUnixFileMode(instance.InRelease("bin"));
        File.SetUnixFileMode(instance.InRelease("bin"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(instance.InRelease("bin", shell.Script), UnixFileMode.UserRead);
        await EnterAndLeaveAsync(shell, instance, instance.InBin(shell.Script));
        File.SetUnixFileMode(instance.InRelease("bin"), mode);
    }

    [TestMethod]
    [DynamicData(nameof(ShellNames))]
    public async Task A_colon_in_the_path_is_refused_in_one_line(string shellName) => await AssertRefusedAsync(shellName, "co:lon", "activate");

    [TestMethod]
    public async Task A_newline_in_the_path_is_refused_by_csh_in_one_line() => await AssertRefusedAsync("tcsh", "new\nline", "newline");

    [TestMethod]
    [DataRow("dash", ". \"$FILE\" || echo \"refused $?\"; set", null)]
    [DataRow("dash", ". \"$FILE\" || echo \"refused $?\"; set", "")]
    [DataRow("dash", ". \"$FILE\" || echo \"refused $?\"; set", "/nowhere")]
    [DataRow("bash", "cat \"$FILE\" | { . /dev/stdin || echo \"refused $?\"; set; } | grep -v ^BASH_EXE", null)]
    [DataRow("bash", "source <(cat \"$FILE\") || echo \"refused $?\"; set | grep -v ^BASH_EXE", null)]
    public async Task A_shell_that_does_not_know_what_it_sources_asks_for_LAVA_INSTANCE(string shell, string script, string? given)
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        Ran ran = await Run.ProgramAsync(shell, ["-c", script], new Dictionary<string, string?>
        {
            ["FILE"] = instance.InBin("activate"),
            ["LAVA_INSTANCE"] = given,
        });
        StringAssert.Contains(ran.Output, "refused 1\n");
        StringAssert.Contains(ran.Error, "set LAVA_INSTANCE to the instance's directory first");
        Assert.HasCount(1, ran.Error.TrimEnd().Split('\n'));
        Assert.IsFalse(ran.Output.Contains("_lava", StringComparison.Ordinal), ran.Output);
    }

    [TestMethod]
    [DataRow("bash", "printf %s \"$PS1\"")]
    [DataRow("zsh", "printf %s \"$PS1\"")]
    [DataRow("dash", "printf %s \"$PS1\"")]
    [DataRow("fish", "fish_prompt")]
    [DataRow("tcsh", "printf %s \"$prompt:q\"")]
    public async Task The_prompt_starts_with_the_instance_and_holds_nothing_a_shell_would_expand(string shellName, string show)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, "i"), "my 'own' $(id) `id` \\u %n !");
        string prompt = shellName switch
        {
            "fish" => "function fish_prompt; printf \"%s> \" $status; end\n",
            "tcsh" => "set prompt = '0> '\n",
            _ => "PS1='0> '\n",
        };
        string script = $"{prompt}{shell.Tell("FILE")}{shell.Source("FILE")}{show} > $OUT/during.env\nstate > $OUT/during.state\n";
        Dictionary<string, ShellState> states = await shell.RunAsync(
            script.Replace("> $OUT/during.env", "| sed 's/^/P=/' > $OUT/during.env", StringComparison.Ordinal), [new(instance.InBin(shell.Script), instance)]);
        Assert.AreEqual("(my 'own' _(id) _id_ _u _n _) 0> ", states["during"].Variables["P"].TrimEnd('\n'));
    }

    [TestMethod]
    public async Task PowerShell_can_enter_and_leave()
    {
        if (Lava.Build.Platform.HostEnvironment.OfThisProcess().FindProgram("pwsh") is not { } program)
        {
            Assert.Inconclusive("pwsh is not on PATH, and Debian has no package of it.");
            return;
        }

        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's $odd `x"), "name");
        string dump = "[Environment]::GetEnvironmentVariables().GetEnumerator() | Sort-Object Key | ForEach-Object { \"$($_.Key)=$($_.Value)\" }; prompt; ";
        string script = $"{dump} '--'; . $env:FILE; \"$env:LAVA_INSTANCE|$env:VIRTUAL_ENV|$env:PATH|$(prompt)\"; deactivate; '--'; {dump}";
        string output = await Run.OutputAsync(
            program, ["-NoProfile", "-Command", script],
            new Dictionary<string, string?> { ["FILE"] = instance.InBin("Activate.ps1"), ["PYTHONHOME"] = "/x" });
        string[] parts = output.Split("--\n");
        Assert.AreEqual(parts[0], parts[2]);
        StringAssert.StartsWith(parts[1], $"{instance.Root}|{instance.Root}/code/current|{instance.Root}/bin:{Run.DefaultPath}|(name) ");
    }

    private static async Task AssertRefusedAsync(string shellName, string name, string message)
    {
        using TemporaryDirectory directory = new();
        Shell shell = Shell.Of(shellName);
        FakeInstance instance = new(Path.Combine(directory.Path, name));
        string refused = shellName switch
        {
            "fish" => "source $FILE; echo refused $status; env",
            "tcsh" => "source \"$FILE:q\"\necho refused $status; env",
            "dash" => "LAVA_INSTANCE=$ROOT; . \"$FILE\" || echo refused $?; env",
            _ => ". \"$FILE\" || echo refused $?; env",
        };
        // csh cannot even name a file with a newline; a directory without one leads there.
        string link = Path.Combine(directory.Path, "link");
        Directory.CreateSymbolicLink(link, instance.Root);
        Ran ran = await Run.ProgramAsync(shell.Name, [.. shell.Options, "-c", refused], new Dictionary<string, string?>
        {
            ["FILE"] = Path.Combine(link, "bin", shell.Script),
            ["ROOT"] = instance.Root,
        });
        StringAssert.Contains(ran.Output, "refused 1\n", ran.Error);
        Assert.IsFalse(ran.Output.Contains("VIRTUAL_ENV", StringComparison.Ordinal), ran.Output);
        StringAssert.Contains(ran.Error, message);
        Assert.HasCount(1, ran.Error.TrimEnd().Split('\n'), ran.Error);
    }

    private static async Task EnterAndLeaveAsync(
        Shell shell, FakeInstance instance, string file, IReadOnlyDictionary<string, string?>? environment = null, string? directory = null)
    {
        string script = shell.Tell("FILE") + Shell.Dump("before") + shell.Source("FILE") + Shell.Dump("during") + "deactivate\n" + Shell.Dump("after");
        Dictionary<string, ShellState> states = await shell.RunAsync(script, [new(file, instance)], environment, directory);
        AssertEntered(states["before"], states["during"], instance);
        AssertSame(states["before"], states["after"]);
    }

    private static void AssertSame(ShellState expected, ShellState actual, bool rest = true)
    {
        CollectionAssert.AreEquivalent(expected.Variables.ToArray(), actual.Variables.ToArray(), Difference(expected, actual));
        if (rest)
        {
            Assert.AreEqual(expected.Rest, actual.Rest);
        }
    }

    private static void AssertEntered(ShellState before, ShellState during, FakeInstance instance)
    {
        Dictionary<string, string> expected = new(before.Variables)
        {
            ["LAVA_INSTANCE"] = instance.Root,
            ["VIRTUAL_ENV"] = instance.Root + "/code/current",
            ["VIRTUAL_ENV_PROMPT"] = instance.Name,
            ["PATH"] = $"{instance.Root}/bin:{before.Variables["PATH"]}",
        };
        expected.Remove("PYTHONHOME");
        if (expected.TryGetValue("PS1", out string? prompt) && !expected.ContainsKey("VIRTUAL_ENV_DISABLE_PROMPT")
            && during.Variables["PS1"] != prompt)
        {
            expected["PS1"] = $"({instance.Name}) {prompt}";
        }

        AssertSame(new ShellState(expected, ""), during, rest: false);
        // What fish and csh must keep between entering and leaving, they can only keep under a name.
        string[] kept = ["_lava_fish_prompt", "_lava_restore", "_lava_old_"];
        IEnumerable<string> names = during.Rest.Split('\n').Except(before.Rest.Split('\n'))
            .Where(line => line.StartsWith("_lava", StringComparison.Ordinal) && !kept.Any(name => line.StartsWith(name, StringComparison.Ordinal)));
        Assert.IsEmpty(names, string.Join('\n', names));
    }

    private static string Difference(ShellState expected, ShellState actual) =>
        string.Join('\n', expected.Variables.Except(actual.Variables).Select(item => $"- {item}")
            .Concat(actual.Variables.Except(expected.Variables).Select(item => $"+ {item}")));
}
