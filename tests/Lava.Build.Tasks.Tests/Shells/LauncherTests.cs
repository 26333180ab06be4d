namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class LauncherTests
{
    private const string Odd = "it's \"odd\" $HOME `id` \\n * é\nline ";
    private static readonly string[] Arguments = ["", " two words ", "new\nline\n", "it's", "\"", "$x `y` \\z", "*", "-c", "--", "é"];
    private static readonly Dictionary<string, string> None = [];

    // Prints each argument, then the variable LAVA_INSTANCE, each with a NUL behind it.
    private const string Show = "#!/bin/sh\nfor a in \"$@\" \"$LAVA_INSTANCE\" \"${SET-unset}\"; do printf '%s\\0' \"$a\"; done\n";

    [TestMethod]
    public async Task Arguments_and_variables_arrive_unchanged_however_the_launcher_is_reached()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "-odd $(id) it's\n"));
        instance.AddFile("usr/bin/it's shown", Show, executable: true);
        instance.AddLauncher("show", FakeInstance.Launchers.Program("usr/bin/it's shown", new Dictionary<string, string> { ["SET"] = Odd }));
        string link = Path.Combine(directory.Path, "link");
        File.CreateSymbolicLink(link, instance.InBin("show"));
        string launcher = instance.InBin("show");
        (string Program, string[] Before, string Directory)[] ways =
        [
            (launcher, [], "/"),
            (Path.Combine(instance.Root, "code/current/bin/show"), [], "/"),
            (instance.InRelease("bin", "show"), [], "/"),
            (link, [], "/"),
            ("./bin/show", [], instance.Root),
            ("sh", ["--", "./bin/show"], instance.Root),
            ("sh", ["show"], instance.InRelease("bin")),
            ("env", ["PATH=.:/usr/bin:/bin", "show"], instance.InRelease("bin")),
            ("env", [$"PATH={instance.Root}/bin:/usr/bin:/bin", "show"], "/"),
            ("env", ["-i", launcher], "/"),
            ("env", ["PATH=/nowhere", launcher], "/"),
        ];
        foreach ((string program, string[] before, string at) in ways)
        {
            string found = program.StartsWith("./", StringComparison.Ordinal) ? Path.GetFullPath(program, at) : program;
            string output = await Run.OutputAsync(found, [.. before, .. Arguments], directory: at);
            Assert.AreEqual(string.Concat(Arguments.Append(instance.Root).Append(Odd).Select(text => text + "\0")), output, program);
        }
    }

    [TestMethod]
    public async Task Exit_codes_and_signals_are_the_programs_own()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        instance.AddLauncher("run", FakeInstance.Launchers.Command("sh -c", None));
        Assert.AreEqual(42, (await Run.ProgramAsync(instance.InBin("run"), ["exit 42"])).ExitCode);
        Assert.AreEqual(128 + 15, (await Run.ProgramAsync("sh", ["-c", "\"$0\" 'kill -TERM $$'; exit $?", instance.InBin("run")])).ExitCode);
        // The process that was started is the program: there is no shell in between to swallow a signal.
        string output = await Run.OutputAsync("sh", ["-c", "\"$0\" 'echo $$' & echo $!; wait", instance.InBin("run")]);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.AreEqual(lines[0], lines[1]);
    }

    [TestMethod]
    public async Task A_given_instance_is_kept_if_it_holds_the_release_and_replaced_if_not()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        FakeInstance other = new(Path.Combine(directory.Path, "other"));
        string alias = Path.Combine(directory.Path, "alias");
        File.CreateSymbolicLink(alias, "i");
        string staging = "code/.staging/deeper/bin/show";
        string text = FakeInstance.Launchers.Command("printenv LAVA_INSTANCE", None);
        instance.AddLauncher("show", text);
        Directory.CreateDirectory(Path.Combine(instance.Root, Path.GetDirectoryName(staging)!));
        File.Copy(instance.InRelease("bin", "show"), Path.Combine(instance.Root, staging));
        (string? Given, string Launcher, string Expected)[] cases =
        [
            (null, "bin/show", instance.Root),
            ("", "bin/show", instance.Root),
            (other.Root, "bin/show", instance.Root),
            ("/nowhere", "bin/show", instance.Root),
            (alias, "bin/show", alias),
            (instance.Root + "/", "bin/show", instance.Root + "/"),
            (instance.Root, staging, instance.Root),
        ];
        foreach ((string? given, string launcher, string expected) in cases)
        {
            string output = await Run.OutputAsync(
                Path.Combine(instance.Root, launcher), [], new Dictionary<string, string?> { ["LAVA_INSTANCE"] = given });
            Assert.AreEqual(expected + "\n", output);
        }
    }

    [TestMethod]
    public async Task A_launcher_keeps_to_its_release_when_current_moves()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        // The command looks up a second program, after current has moved.
        instance.AddLauncher("which", FakeInstance.Launchers.Command("sh -c 'rm \"$LAVA_INSTANCE/code/current\"; exec inner'", None));
        instance.AddLauncher("inner", "#!/bin/sh\necho \"$0\"\n");
        Assert.AreEqual(instance.InRelease("bin", "inner") + "\n", await Run.OutputAsync(instance.InBin("which"), []));
    }

    [TestMethod]
    public async Task A_command_sees_the_releases_programs_first_and_gets_the_arguments_last()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's i"));
        instance.AddLauncher("ls", Show);
        instance.AddLauncher("go", FakeInstance.Launchers.Command(" ls \"$SET\" 'b  c' ", new Dictionary<string, string> { ["SET"] = Odd }));
        string output = await Run.OutputAsync(instance.InBin("go"), ["", "x y"]);
        Assert.AreEqual($"{Odd}\0b  c\0\0x y\0{instance.Root}\0{Odd}\0", output);
    }

    [TestMethod]
    public async Task A_native_program_finds_libraries_of_the_release_and_its_children_do_not()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's i"));
        string loader = File.Exists("/lib64/ld-linux-x86-64.so.2") ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1";
        Directory.CreateDirectory(instance.InRelease("usr/lib/deep er"));
        Directory.CreateDirectory(instance.InRelease("usr/bin"));
        Directory.CreateDirectory(instance.InRelease("usr/lib/none"));
        await Compiler.SharedAsync(instance.InRelease("usr/lib/deep er/libanswer.so.1"), "libanswer.so.1", "int answer(void) { return 7; }");
        await Compiler.ProgramAsync(
            instance.InRelease("usr/bin/ask"),
            """
            #include <stdio.h>
            #include <stdlib.h>
            int answer(void);
            int main(int count, char **values) {
              printf("%s|%d|%s\n", values[0], count - 1, count > 1 ? values[1] : "");
              fflush(stdout);
              system("env");
              return answer();
            }
            """,
            instance.InRelease("usr/lib/deep er/libanswer.so.1"));
        instance.AddLauncher("ask", FakeInstance.Launchers.Elf("usr/bin/ask", loader, ["usr/lib/none", "usr/lib/deep er"], None));
        Ran ran = await Run.ProgramAsync(instance.InBin("ask"), ["new\nline"]);
        Assert.AreEqual(7, ran.ExitCode, ran.Error);
        StringAssert.StartsWith(ran.Output, $"{instance.InRelease("usr/bin/ask")}|1|new\nline\n");
        Assert.IsFalse(ran.Output.Contains("LD_", StringComparison.Ordinal), ran.Output);
        Assert.IsFalse(ran.Output.Contains("_lava", StringComparison.Ordinal), ran.Output);
    }

    [TestMethod]
    public void Names_that_Python_or_sh_cannot_have_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => FakeInstance.Launchers.PythonEntryPoint("a b", "main", "", None));
        Assert.ThrowsExactly<ArgumentException>(() => FakeInstance.Launchers.PythonEntryPoint("a", "main()", "", None));
        Assert.ThrowsExactly<ArgumentException>(() => FakeInstance.Launchers.Command("x", new Dictionary<string, string> { ["A-B"] = "" }));
    }
}
