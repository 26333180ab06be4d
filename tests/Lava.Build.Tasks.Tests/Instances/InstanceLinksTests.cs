using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;

namespace Lava.Build.Tests.Instances;

[TestClass]
public sealed class InstanceLinksTests
{
    private static readonly SourceLocation Location = new("instance.proj", 5, 6);

    [TestMethod]
    public async Task A_link_is_made_relative_and_left_when_it_is_right()
    {
        using TemporaryDirectory directory = new();
        RecordingLog log = new();
        InstanceLinks links = Links(directory, log);
        LinkPart part = new("etc/app/log", "var/log", Location);
        await links.MakeAsync([part], CancellationToken.None);
        await links.MakeAsync([part], CancellationToken.None);
        Assert.AreEqual("../../var/log", new FileInfo(Path.Combine(directory.Path, "etc/app/log")).LinkTarget);
        Assert.IsEmpty(log.Warnings);
    }

    [TestMethod]
    [DataRow("file")]
    [DataRow("directory")]
    [DataRow("link")]
    public async Task What_stands_in_a_links_place_is_kept_with_a_warning(string what)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "link");
        switch (what)
        {
            case "file":
                File.WriteAllText(path, "the admin's");
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            default:
                File.CreateSymbolicLink(path, "/no/such");
                break;
        }

        RecordingLog log = new();
        await Links(directory, log).MakeAsync([new LinkPart("link", "var/log", Location)], CancellationToken.None);
        Problem warning = log.Warnings.Single();
        Assert.AreEqual("LAVA4031", warning.Code);
        Assert.AreEqual(Location, warning.Location);
        Assert.AreEqual(what == "link" ? "/no/such" : null, new FileInfo(path).LinkTarget);
        Assert.AreEqual(what == "file" ? "the admin's" : null, what == "file" ? File.ReadAllText(path) : null);
    }

    [TestMethod]
    public async Task A_link_that_was_made_here_follows_its_item()
    {
        using TemporaryDirectory directory = new();
        RecordingLog log = new();
        InstanceLinks links = Links(directory, log);
        await links.MakeAsync([new LinkPart("var/tool", "var/one", Location)], CancellationToken.None);
        await links.MakeAsync([new LinkPart("var/tool", "var/two", Location)], CancellationToken.None);
        Assert.AreEqual("two", new FileInfo(Path.Combine(directory.Path, "var/tool")).LinkTarget);
        Assert.IsEmpty(log.Warnings);

        // What it led to before is an admin's choice from then on.
        Replace(directory, "one");
        await links.MakeAsync([new LinkPart("var/tool", "var/two", Location)], CancellationToken.None);
        Assert.AreEqual("LAVA4031", log.Warnings.Single().Code);
        Assert.AreEqual("one", new FileInfo(Path.Combine(directory.Path, "var/tool")).LinkTarget);
    }

    [TestMethod]
    public async Task A_link_that_an_admin_changed_is_kept_when_its_item_changes()
    {
        using TemporaryDirectory directory = new();
        RecordingLog log = new();
        InstanceLinks links = Links(directory, log);
        await links.MakeAsync([new LinkPart("var/tool", "var/one", Location)], CancellationToken.None);
        Replace(directory, "own");
        await links.MakeAsync([new LinkPart("var/tool", "var/two", Location)], CancellationToken.None);
        await links.MakeAsync([new LinkPart("var/tool", "var/three", Location)], CancellationToken.None);
        Assert.AreEqual("own", new FileInfo(Path.Combine(directory.Path, "var/tool")).LinkTarget);
        Assert.HasCount(2, log.Warnings);
    }

    private static void Replace(TemporaryDirectory directory, string target)
    {
        string path = Path.Combine(directory.Path, "var/tool");
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    private static InstanceLinks Links(TemporaryDirectory directory, RecordingLog log)
    {
        Directory.CreateDirectory(Path.Combine(directory.Path, "code"));
        return new InstanceLinks(new InstanceLayout(directory.Path), log);
    }
}
