using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Lava.Build.Sources;

namespace Lava.Build.Tests.Sources;

/// <summary>The targets decide by a text whether anything changed; what a source knows and the text lacks would change unnoticed.</summary>
[TestClass]
public sealed partial class StateTextTests
{
    [TestMethod]
    public void The_state_text_holds_all_metadata_of_every_source()
    {
        string targets = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../src/Lava.Build.Sdk/targets");
        string text = File.ReadAllText(Path.Combine(targets, "Lava.Build.Description.targets"));
        string line = ComponentLine().Match(text).Value;
        IEnumerable<string> known = SourceRegistry.Names.SelectMany(name => SourceRegistry.Find(name)!.Metadata);
        foreach (string name in known.Concat(["Source", "Version", "Sha256", "Overrides", "Excludes"]))
        {
            Assert.Contains($"%({name})", line);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"@\(LavaComponent->'component .*")]
    private static partial Regex ComponentLine();
}
