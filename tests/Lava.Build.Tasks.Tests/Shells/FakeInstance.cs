using Lava.Build.Releases;

namespace Lava.Build.Tests.Shells;

/// <summary>An instance on disk with one release, made of the real templates.</summary>
internal sealed class FakeInstance
{
    internal const string Release = "1.0+0123abcd";
    internal const string Python = "python3.11";
    internal const string HostPython = "/usr/bin/python3.11";

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    internal FakeInstance(string root, string name = "an-instance")
    {
        Root = root;
        Name = name;
        foreach (string directory in new[] { "etc", "run", "tmp", "var" })
        {
            Directory.CreateDirectory(Path.Combine(root, directory));
        }

        Directory.CreateDirectory(InRelease("bin"));
        Directory.CreateDirectory(InRelease("libexec"));
        Directory.CreateDirectory(SitePackages);
        File.CreateSymbolicLink(Path.Combine(root, "bin"), "code/current/bin");
        File.CreateSymbolicLink(Path.Combine(root, "code/current"), Release);
        File.CreateSymbolicLink(InRelease("libexec", Python), HostPython);
        File.WriteAllText(InRelease("pyvenv.cfg"), "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n");
        foreach ((string file, string text) in ActivationScripts.All(name))
        {
            File.WriteAllText(InRelease("bin", file), text);
        }

        foreach (string alias in new[] { "python", "python3", Python })
        {
            AddLauncher(alias, Launchers.Interpreter());
        }
    }

    internal static LauncherScripts Launchers { get; } = new(Python);

    internal string Root { get; private set; }

    internal string Name { get; }

    internal string SitePackages => InRelease("lib", Python, "site-packages");

    internal string InRelease(params string[] names) => Path.Combine([Root, "code", Release, .. names]);

    internal string InBin(string name) => Path.Combine(Root, "bin", name);

    internal void AddLauncher(string name, string text) => AddFile(Path.Combine("bin", name), text, executable: true);

    internal void AddFile(string path, string text, bool executable = false)
    {
        string file = InRelease(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        if (executable)
        {
            File.SetUnixFileMode(file, Executable);
        }
    }

    internal void MoveTo(string root)
    {
        Directory.Move(Root, root);
        Root = root;
    }
}
