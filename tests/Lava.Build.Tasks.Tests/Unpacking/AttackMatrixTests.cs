using System.Text;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Every attack of the matrix, in every format that has it; docs/reliability.md shows the matrix.</summary>
[TestClass]
public sealed class AttackMatrixTests
{
    public static IEnumerable<object[]> Attacks => AttackMatrix.All.Select(attack => new object[] { $"{attack.Class}: {attack.Name}" });

    [TestMethod]
    [DynamicData(nameof(Attacks))]
    public Task An_attack_ends_as_the_matrix_says(string name) => TryAsync(name, packing => !packing.UsesProgram);

    [TestMethod]
    [DynamicData(nameof(Attacks))]
    [TestCategory("Slow")]
    public Task An_attack_ends_as_the_matrix_says_in_formats_that_programs_read(string name) => TryAsync(name, packing => packing.UsesProgram);

    [TestMethod]
    public void No_attack_is_there_twice()
    {
        Assert.HasCount(AttackMatrix.All.Count, AttackMatrix.All.Select(attack => (attack.Class, attack.Name)).Distinct());
        Assert.IsTrue(AttackMatrix.All.All(attack => attack.Tar.Make is not null || attack.Zip.Make is not null));
    }

    [TestMethod]
    public void The_documentation_shows_the_matrix() =>
        Assert.IsTrue(File.ReadAllText(Repository.At("docs/reliability.md")).Contains(Table(), StringComparison.Ordinal), $"It should be\n{Table()}");

    /// <summary>The matrix in Markdown; all formats that hold a tar are one column, since the test holds them to one outcome.</summary>
    private static string Table()
    {
        StringBuilder text = new("| class | attack | in a tar | in a ZIP |\n|---|---|---|---|\n");
        foreach (Attack attack in AttackMatrix.All)
        {
            text.Append($"| {attack.Class} | {Shown(attack.Name)} | {Shown(attack.Tar)} | {Shown(attack.Zip)} |\n");
        }

        return text.ToString();
    }

    private static string Shown(Cell cell) =>
        cell.Make is null ? $"– {cell.Outcome}" : cell.IsRefused ? cell.Outcome : cell.Outcome.Length == 0 ? "unpacked" : $"unpacked: {Shown(cell.Outcome)}";

    private static string Shown(string text) => string.Concat(text.Replace("|", "\\|", StringComparison.Ordinal).Select(letter => letter == '\u202e' ? "U+202E" : letter == '\ufeff' ? "U+FEFF" : letter.ToString()));

    private static async Task TryAsync(string name, Func<Packing, bool> fits)
    {
        Attack attack = AttackMatrix.All.Single(attack => $"{attack.Class}: {attack.Name}" == name);
        using Workbench bench = new();
        using HostileBench cache = new();
        foreach (Packing packing in AttackMatrix.Packings.Where(fits))
        {
            Cell cell = attack.In(packing);
            if (cell.Make is null)
            {
                continue;
            }

            string archive = await AttackMatrix.PackAsync(bench, packing, cell.Make());
            if (cell.IsRefused)
            {
                await cache.AssertRefusedAsync(archive, packing.Format, attack.Limits, cell.Outcome, $"{name} in {packing}");
            }
            else
            {
                TreeManifest manifest = await bench.UnpackAsync(archive, packing.Format, limits: attack.Limits);
                Assert.AreEqual(cell.Outcome, Lines(manifest), $"{name} in {packing}");
                Assert.IsNull(TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
            }
        }
    }

    private static string Lines(TreeManifest manifest) => string.Join("; ", manifest.Entries.Where(entry => entry.Path != "first").Select(entry => entry.Kind switch
    {
        EntryKind.Directory => $"d {entry.Path}",
        EntryKind.Link => $"l {entry.Path} -> {entry.LinkTarget}",
        _ => $"{(entry.Executable ? 'x' : 'f')} {entry.Path}",
    }));
}
