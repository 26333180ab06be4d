using Lava.Build.Releases;
using Lava.Build.Unpacking;
using static Lava.Build.Tests.Releases.Trees;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class LibraryOrderTests
{
    /// <summary>"file:needed,needed" lines are ELF files; expected paths follow the roots.</summary>
    [TestMethod]
    [DataRow("Dependencies come first", "m.so:a.so; usr/lib/a.so:b.so,c.so; usr/lib/b.so:c.so; usr/lib/c.so:", "m.so",
        "usr/lib/c.so usr/lib/b.so usr/lib/a.so")]
    [DataRow("What the release lacks is the host's", "m.so:libc.so.6,a.so; lib/a.so:libm.so.6", "m.so", "lib/a.so")]
    [DataRow("Links are resolved, also those of directories",
        "m.so:a.so.1; lib64->usr/lib64; usr/lib64/a.so.1->a.so.1.2; usr/lib64/a.so.1.2:", "m.so", "usr/lib64/a.so.1.2")]
    [DataRow("Two names of one library are one", "m.so:a.so.1,a.so; lib/a.so->a.so.1; lib/a.so.1:", "m.so", "lib/a.so.1")]
    [DataRow("Directories of an architecture are looked at first", "m.so:a.so,b.so; usr/lib/a.so:; usr/lib/x86_64-linux-gnu/a.so:; lib/arm-linux-gnueabihf/b.so:",
        "m.so", "usr/lib/x86_64-linux-gnu/a.so lib/arm-linux-gnueabihf/b.so")]
    [DataRow("Other directories are not looked at", "m.so:a.so,b.so; usr/lib/private/a.so:; opt/b.so:", "m.so", "")]
    [DataRow("Circles end", "m.so:a.so; lib/a.so:b.so; lib/b.so:a.so,b.so", "m.so", "lib/b.so lib/a.so")]
    [DataRow("Roots may be given in any order, twice, or not be there", "m.so:a.so; n.so:b.so; lib/a.so:; lib/b.so:", "n.so m.so no.so m.so",
        "lib/a.so lib/b.so")]
    [DataRow("A root that another needs is among them", "lib/a.so:b.so; lib/b.so:", "lib/b.so lib/a.so", "lib/b.so")]
    [DataRow("What is no library is not one", "m.so:a.so,/lib/b.so; lib/a.so=text; lib/b.so:", "m.so", "")]
    public void Libraries_are_ordered(string what, string files, string roots, string expected)
    {
        List<string> lines = [];
        Dictionary<string, ElfFacts> elf = [];
        foreach (string file in files.Split("; "))
        {
            string[] parts = file.Split(':');
            lines.Add(parts[0].Contains('>') || parts[0].Contains('=') ? parts[0] : parts[0] + "=");
            if (parts.Length == 2)
            {
                elf.Add(parts[0], new ElfFacts(null, null, parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries)));
            }
        }

        ReleaseTree tree = Tree("x", [.. lines]);
        TreeManifest manifest = new([.. tree.Manifest.Entries.Select(entry => entry with { Elf = elf.GetValueOrDefault(entry.Path) })]);
        MergedView view = MergedView.Build([tree with { Manifest = manifest }], []);
        Assert.AreEqual(expected, string.Join(' ', LibraryOrder.For(view, roots.Split(' '))), what);
    }
}
