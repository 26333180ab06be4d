using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class LockFileTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly Pin Deb = new()
    {
        Name = "libstdc++6",
        Source = "deb",
        Version = "1:12.2~rc1-14",
        Architecture = "amd64",
        File = "libstdc++6_12.2.0-14_amd64.deb",
        Size = 613_108,
        Sha256 = Digest,
    };

    private static readonly Pin Local = new() { Name = "Développement", Source = "local" };

    private const string Text = """
        {
          "version": 1,
          "components": {
            "Développement": {
              "source": "local"
            },
            "libstdc++6": {
              "source": "deb",
              "version": "1:12.2~rc1-14",
              "architecture": "amd64",
              "file": "libstdc++6_12.2.0-14_amd64.deb",
              "size": 613108,
              "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            }
          }
        }

        """;

    /// <summary>Edits of <see cref="Text"/>, the line that is told, and a part of the message.</summary>
    private static IEnumerable<object[]> Edits =>
    [
        ["\"version\": 1,", "\"version\": 2,", 0, "'version' must be 1"],
        ["\"version\": 1,", "\"version\": \"1\",", 0, "'version'"],
        ["\"version\": 1,", "", 0, "'version' must be 1"],
        ["\"components\"", "\"component\"", 0, "'components' is missing"],
        ["\"source\": \"local\"", "", 4, "component 'Développement' has no 'source'"],
        ["\"source\": \"local\"", "\"source\": 1", 4, "'source' of component 'Développement' is not a JSON string"],
        ["\"source\": \"local\"", "\"source\": null", 4, "is not a JSON string"],
        ["\"source\": \"deb\"", "\"Source\": \"deb\"", 7, "component 'libstdc++6' has the unknown property 'Source'"],
        ["613108", "-1", 7, "'size' of component 'libstdc++6' is not a size in bytes"],
        ["613108", "\"613108\"", 7, "not a size in bytes"],
        ["613108", "1e30", 7, "not a size in bytes"],
        ["613108", "1.5", 7, "not a size in bytes"],
        ["e3b0c4", "E3B0C4", 7, "'sha256' of component 'libstdc++6' is 'E3B0C4"],
        ["e3b0c4", "", 7, "not 64 lower-case hexadecimal digits"],
        ["e3b0c4", "g3b0c4", 7, "not 64 lower-case hexadecimal digits"],
        ["\"size\": 613108,", "\"size\": 613108", 13, ""],
        ["\"size\": 613108,", "<<<<<<< HEAD", 12, ""],
        ["\n}\n", "\n", 16, ""],
    ];

    [TestMethod]
    public async Task A_lock_file_reads_as_it_was_written()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        Assert.IsNull(LockFile.Read(path));
        Assert.IsTrue(await Make(Deb, Local).WriteAsync(path, CancellationToken.None));
        Assert.AreEqual(Text, await File.ReadAllTextAsync(path));
        LockFile read = LockFile.Read(path)!;
        Assert.HasCount(2, read.Pins);
        Assert.AreEqual(Deb, read.Pins[Deb.Name]);
        Assert.AreEqual(Local, read.Pins[Local.Name]);
    }

    [TestMethod]
    public void Components_are_sorted_by_name_one_value_a_line_whatever_their_order() => Assert.AreEqual(Make(Deb, Local).ToText(), Make(Local, Deb).ToText());

    [TestMethod]
    public void The_order_is_that_of_bytes_and_no_languages() =>
        Assert.AreEqual(
            "A,B,a,é",
            string.Join(',', Make([.. "éaBA".Select(name => Local with { Name = name.ToString() })]).ToText().Split('\n')
                .Where(line => line.EndsWith(": {", StringComparison.Ordinal) && line.StartsWith("    \"", StringComparison.Ordinal))
                .Select(line => line.Trim(' ', '{', ':', '"'))));

    [TestMethod]
    public async Task A_file_that_would_be_the_same_is_not_written()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        await Make(Deb, Local).WriteAsync(path, CancellationToken.None);
        DateTime before = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, before);
        Assert.IsFalse(await Make(Local, Deb).WriteAsync(path, CancellationToken.None));
        Assert.AreEqual(before, File.GetLastWriteTimeUtc(path));
        Assert.IsTrue(await Make(Deb).WriteAsync(path, CancellationToken.None));
        Assert.IsNull(LockFile.Read(path)!.Pins.GetValueOrDefault(Local.Name));
        Assert.HasCount(1, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    public async Task A_file_with_other_line_ends_or_order_reads_the_same()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        await File.WriteAllTextAsync(path, Text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.AreEqual(Text, LockFile.Read(path)!.ToText());
    }

    [TestMethod]
    public async Task A_missing_quote_does_not_show_the_rest_of_the_file()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        await File.WriteAllTextAsync(path, Text.Replace("\"components\": ", "\"components\": n", StringComparison.Ordinal));
        Problem problem = Assert.ThrowsExactly<LavaException>(() => LockFile.Read(path)).Problems.Single();
        Assert.AreEqual(("LAVA1012", 3), (problem.Code, problem.Location.Line));
        Assert.IsLessThan(path.Length + 300, problem.Text.Length, problem.Text);
    }

    [TestMethod]
    [DynamicData(nameof(Edits))]
    public async Task A_file_that_was_edited_into_none_is_an_error_with_its_line(string from, string to, int line, string expected)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        Assert.Contains(from, Text);
        await File.WriteAllTextAsync(path, Text.Replace(from, to, StringComparison.Ordinal));
        Problem problem = Assert.ThrowsExactly<LavaException>(() => LockFile.Read(path)).Problems.Single();
        Assert.AreEqual("LAVA1012", problem.Code);
        Assert.AreEqual(new SourceLocation(path, line), problem.Location);
        Assert.Contains(expected, problem.Text);
        Assert.Contains(path, problem.Text);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{\"version\": 1 \"components\": {}}")]
    [DataRow("null")]
    [DataRow("{}")]
    [DataRow("{\"version\": 1, \"components\": []}")]
    [DataRow("{\"version\": 1, \"components\": {\"a\": {\"source\": \"deb\"}, \"a\": {\"source\": \"deb\"}}}")]
    [DataRow("{\"version\": 1, \"components\": {\"a\": {\"source\": \"deb\", \"source\": \"deb\"}}}")]
    [DataRow("{\"version\": 1, \"components\": {\"a\": []}}")]
    public async Task A_file_that_is_none_is_an_error(string text)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        await File.WriteAllTextAsync(path, text);
        Assert.AreEqual("LAVA1012", Assert.ThrowsExactly<LavaException>(() => LockFile.Read(path)).Problems.Single().Code);
    }

    [TestMethod]
    [DataRow("version")]
    [DataRow("deb")]
    public async Task The_line_is_that_of_the_component_whatever_it_is_called(string name)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "instance.lock.json");
        await File.WriteAllTextAsync(path, Make(Deb with { Name = "a" }, Deb with { Name = name, Size = -5 }).ToText());
        Problem problem = Assert.ThrowsExactly<LavaException>(() => LockFile.Read(path)).Problems.Single();
        Assert.AreEqual(12, problem.Location.Line, problem.Text);
    }

    [TestMethod]
    public void No_place_is_told_that_the_components_came_from()
    {
        // What a pin can hold is what is written: a host would have to be one of these.
        string[] properties = [.. typeof(Pin).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "Architecture", "File", "Name", "Sha256", "Size", "Source", "Version" }, properties);
        Assert.DoesNotContain("://", Make(Deb, Local).ToText());
        Assert.DoesNotContain(Environment.MachineName, Make(Deb, Local).ToText());
    }

    private static LockFile Make(params Pin[] pins) => new(pins.ToDictionary(pin => pin.Name));
}
