using System.Formats.Tar;
using System.IO.Compression;

namespace Lava.Build.Sdk.Tests;

/// <summary>Hostile archives in a real build; tests of the unpacker have all the ways there are.</summary>
[TestClass]
public sealed class HostileArchiveTests
{
    private const string Canary = "canary";

    private static readonly (string Name, string Code, Action<string> Make)[] Attacks =
    [
        ("climbing.zip", "LAVA3004", path => Zip(path, ("../../../../canary/planted", 0x81A4, "evil"))),
        ("absolute.tar", "LAVA3003", path => Tar(path, new PaxTarEntry(TarEntryType.RegularFile, "/canary/planted"))),
        ("through-link.tar.gz", "LAVA3009", path => Tar(path, new PaxTarEntry(TarEntryType.SymbolicLink, "d") { LinkName = "/tmp" }, new PaxTarEntry(TarEntryType.RegularFile, "d/planted"))),
        ("hard-link.tar", "LAVA3011", path => Tar(path, new PaxTarEntry(TarEntryType.HardLink, "passwd") { LinkName = "/etc/passwd" })),
        ("device.tar", "LAVA3007", path => Tar(path, new PaxTarEntry(TarEntryType.CharacterDevice, "null") { DeviceMajor = 1, DeviceMinor = 3 })),
        ("fifo.tar", "LAVA3007", path => Tar(path, new PaxTarEntry(TarEntryType.Fifo, "fifo"))),
        ("control.zip", "LAVA3005", path => Zip(path, ("a\n/x.cs(1,1): error CS1: not mine", 0x81A4, ""))),
        ("twice.zip", "LAVA3010", path => Zip(path, ("a", 0x81A4, "1"), ("a", 0x81A4, "2"))),
        ("windows.zip", "LAVA3012", path => Zip(path, ("C:\\x", 0x81A4, ""))),
        ("garbage.deb", "LAVA3002", path => File.WriteAllText(path, "!<arch>\ngarbage\n")),
    ];

    [TestMethod]
    public async Task Each_hostile_component_is_one_error_and_the_instance_stays_as_it_was()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        project.Write($"{Canary}/kept", "kept");
        string[] trees = Directory.GetFileSystemEntries(Path.Combine(project.Cache, "trees"));
        string before = await Snapshot.OfAsync(project["instances"], project[Canary]);

        foreach ((string name, _, Action<string> make) in Attacks)
        {
            make(project["archives", name]);
        }

        string[] items = [.. Attacks.Select(attack =>
            $"""<LavaComponent Include="{attack.Name.Split('.')[0]}" Source="archive" Version="1" Path="archives/{attack.Name}" />""")];
        project.Describe(TestProject.Items([TestProject.Component("alpha", "1.0"), .. items]));
        CommandResult result = (await project.BuildAsync()).FailsWith([.. Attacks.Select(attack => attack.Code)]);
        Assert.AreEqual(1, result.ExitCode);
        foreach ((string name, string code, _) in Attacks)
        {
            Diagnostic error = result.Errors.Single(error => error.Text.Contains($"'{name.Split('.')[0]}'", StringComparison.Ordinal));
            Assert.AreEqual(code, error.Code, name);
            Assert.AreEqual(project.File, error.File, name);
        }

        Assert.AreEqual(before, await Snapshot.OfAsync(project["instances"], project[Canary]));
        CollectionAssert.AreEquivalent(trees, Directory.GetFileSystemEntries(Path.Combine(project.Cache, "trees")));
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");

        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")));
        (await project.BuildAsync()).Succeeds();
    }

    private static void Tar(string path, params PaxTarEntry[] entries)
    {
        using FileStream file = File.Create(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        using TarWriter tar = new(stream);
        foreach (PaxTarEntry entry in entries)
        {
            tar.WriteEntry(entry);
        }
    }

    private static void Zip(string path, params (string Name, int Mode, string Content)[] members)
    {
        using FileStream file = File.Create(path);
        using ZipArchive zip = new(file, ZipArchiveMode.Create);
        foreach ((string name, int mode, string content) in members)
        {
            ZipArchiveEntry entry = zip.CreateEntry(name);
            entry.ExternalAttributes = mode << 16;
            using StreamWriter writer = new(entry.Open());
            writer.Write(content);
        }
    }
}
