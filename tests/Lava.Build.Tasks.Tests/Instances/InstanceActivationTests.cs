using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Instances;

[TestClass]
public sealed class InstanceActivationTests
{
    [TestMethod]
    [DataRow(false, "LAVA4037")]
    [DataRow(true, "LAVA4038")]
    public async Task A_switch_that_cannot_be_made_leaves_the_configuration_as_it_was(bool stands, string code)
    {
        using TemporaryDirectory directory = new();
        string template = Path.Combine(directory.Path, "a.conf");
        await File.WriteAllTextAsync(template, "new\n");
        InstanceLayout layout = new(Path.Combine(directory.Path, "instance"));
        Directory.CreateDirectory(layout.Release("1"));
        if (stands)
        {
            await File.WriteAllTextAsync(Path.Combine(layout.Release("1"), ReleaseRecord.FileName), "{}");
            Directory.CreateDirectory(layout.Bin);
        }

        ReleaseDescription description = new()
        {
            Instance = "sample",
            Revision = "1",
            Configuration = "Debug",
            Components = [],
            Parts = new InstanceParts
            {
                Templates = [new TemplatePart(template, "etc/a.conf", AtomicFile.PublicMode, SourceLocation.None)],
                Directories = [new DirectoryPart("var/data", AtomicFile.PublicMode, SourceLocation.None)],
            },
        };
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => new InstanceActivation(layout, new RecordingLog()).ActivateAsync(description, "1", CancellationToken.None));
        Assert.AreEqual(code, failure.Problems.Single().Code);
        Assert.IsFalse(Directory.Exists(Path.Combine(layout.Root, "etc")));
        Assert.IsFalse(Directory.Exists(Path.Combine(layout.Root, "var")));
    }
}
