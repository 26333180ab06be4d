namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class PythonLauncherTests
{
    private const string Odd = @"it's ""odd"" C:\Users\N{x} $HOME `id` ''' é";
    private static readonly string[] Arguments = ["", " two words ", "new\nline\n", "it's", "$x `y` \\z", "-c", "--", "é"];
    private static readonly Dictionary<string, string> None = [];

    [TestMethod]
    [DataRow("plain")]
    [DataRow("-odd \"$(id)\" it's\n")]
    public async Task The_interpreter_sees_the_release_as_its_environment_by_every_path_and_name(string name)
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, name));
        string link = Path.Combine(directory.Path, "link");
        File.CreateSymbolicLink(link, instance.InBin("python3"));
        const string script = """
            import site, sys
            print(sys.prefix, sys.base_prefix, sys.executable, site.ENABLE_USER_SITE,
                  any("dist-packages" in path for path in sys.path), *sys.argv[1:], sep="\0", end="")
            """;
        string expected = string.Join('\0', [instance.InRelease(), "/usr", instance.InRelease("libexec", FakeInstance.Python), "False", "False", .. Arguments]);
        string[] launchers =
        [
            instance.InBin("python"), instance.InBin("python3"), instance.InBin("python3.11"), link,
            Path.Combine(instance.Root, "code/current/bin/python"), instance.InRelease("bin", "python"),
        ];
        foreach (string launcher in launchers)
        {
            string output = await Run.OutputAsync(
                launcher, ["-c", script, .. Arguments], new Dictionary<string, string?> { ["PYTHONHOME"] = "/nowhere" });
            Assert.AreEqual(expected, output, launcher);
        }
    }

    [TestMethod]
    public async Task Modules_scripts_and_spawned_processes_run_in_the_release()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's\nodd"));
        await File.WriteAllTextAsync(Path.Combine(instance.SitePackages, "mine.py"), "import sys\nprint(__name__, sys.argv[1:])\n");
        Assert.AreEqual("__main__ ['a b']\n", await Run.OutputAsync(instance.InBin("python"), ["-m", "mine", "a b"]));
        Assert.AreEqual("mine []\n", await Run.OutputAsync(instance.InBin("python"), ["-c", "import mine"]));

        string script = Path.Combine(directory.Path, "spawn.py");
        await File.WriteAllTextAsync(script, """
            import multiprocessing, sys
            def child(queue):
                import mine
                queue.put((sys.prefix, sys.executable))
            if __name__ == "__main__":
                context = multiprocessing.get_context("spawn")
                queue = context.Queue()
                process = context.Process(target=child, args=(queue,))
                process.start()
                assert queue.get() == (sys.prefix, sys.executable)
                process.join()
                print(process.exitcode, sys.prefix == sys.argv[1])
            """);
        StringAssert.EndsWith(await Run.OutputAsync(instance.InBin("python"), [script, instance.InRelease()]), "0 True\n");
    }

    [TestMethod]
    public async Task The_hosts_packages_are_hidden()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        string output = await Run.OutputAsync(instance.InBin("python"), ["-c", "import sys; print([p for p in sys.path if 'packages' in p])"]);
        Assert.AreEqual($"['{instance.SitePackages}']\n", output);
    }

    [TestMethod]
    public async Task A_script_of_the_release_runs_by_its_interpreter()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's odd"));
        instance.AddFile("usr/bin/it's", "#!/nowhere/python\nimport os, sys\nprint(sys.prefix, os.environ['SET'], *sys.argv, sep='\\0', end='')\nsys.exit(5)\n");
        instance.AddLauncher("script", FakeInstance.Launchers.PythonScript("usr/bin/it's", new Dictionary<string, string> { ["SET"] = Odd }));
        Ran ran = await Run.ProgramAsync(instance.InBin("script"), Arguments);
        Assert.AreEqual(5, ran.ExitCode, ran.Error);
        Assert.AreEqual(string.Join('\0', [instance.InRelease(), Odd, instance.InRelease("usr/bin/it's"), .. Arguments]), ran.Output);
    }

    [TestMethod]
    public async Task Programs_import_nothing_that_the_users_variables_name()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "i"));
        await File.WriteAllTextAsync(Path.Combine(instance.SitePackages, "mine.py"), "import sys\ndef main():\n    print(sys.prefix)\n");
        instance.AddFile("usr/bin/script", "#!/usr/bin/python3\nimport mine\nmine.main()\n");
        instance.AddLauncher("script", FakeInstance.Launchers.PythonScript("usr/bin/script", new Dictionary<string, string>()));
        instance.AddLauncher("entry", FakeInstance.Launchers.PythonEntryPoint("mine", "main", "", new Dictionary<string, string>()));
        string foreign = Directory.CreateDirectory(Path.Combine(directory.Path, "foreign")).FullName;
        foreach (string module in (string[])["mine.py", "sitecustomize.py"])
        {
            await File.WriteAllTextAsync(Path.Combine(foreign, module), "print('foreign')\n");
        }

        Dictionary<string, string?> variables = new() { ["PYTHONPATH"] = foreign, ["PYTHONHOME"] = foreign, ["PYTHONEXECUTABLE"] = "/nowhere" };
        foreach (string launcher in (string[])["script", "entry"])
        {
            Assert.AreEqual(instance.InRelease() + "\n", await Run.OutputAsync(instance.InBin(launcher), [], variables));
        }
    }

    [TestMethod]
    public async Task An_entry_point_is_called_after_its_initialisation_and_may_start_itself_anew()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = new(Path.Combine(directory.Path, "it's\nodd \\N"));
        await File.WriteAllTextAsync(Path.Combine(instance.SitePackages, "server.py"), """
            import os, sys
            state = []
            class Application:
                @staticmethod
                def main():
                    if sys.argv[1] == "anew":
                        os.execv(sys.executable, [sys.executable, sys.argv[0]] + sys.argv[2:])
                    print(os.environ["SET"], *state, *sys.argv, sep="\0", end="")
                    return 3
            """);
        instance.AddLauncher("serve", FakeInstance.Launchers.PythonEntryPoint(
            "server", "Application.main", "import server\nif True:\n    server.state += ['''initial''']\n",
            new Dictionary<string, string> { ["SET"] = Odd, ["OTHER"] = "ends with '" }));
        foreach (string[] first in new string[][] { [], ["anew"] })
        {
            Ran ran = await Run.ProgramAsync(instance.InBin("serve"), [.. first, " ", .. Arguments]);
            Assert.AreEqual(3, ran.ExitCode, ran.Error);
            Assert.AreEqual("", ran.Error);
            Assert.AreEqual(string.Join('\0', [Odd, "initial", instance.InRelease("bin", "serve"), " ", .. Arguments]), ran.Output);
        }

        instance.AddLauncher("plain", FakeInstance.Launchers.PythonEntryPoint("os", "getpid", "", None));
        Assert.AreNotEqual(0, (await Run.ProgramAsync(instance.InBin("plain"), [])).ExitCode);
    }
}
