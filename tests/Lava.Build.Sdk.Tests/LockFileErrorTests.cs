namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class LockFileErrorTests
{
    private const string Digest = "0000000000000000000000000000000000000000000000000000000000000000";

    // What restore writes for the same component every time.
    private static readonly Lazy<Task<string>> Good = new(RestoreAsync);

    [TestMethod]
    // What is done to a good lock file (text replaced), the code, the line told, and what the message says.
    [DataRow("\"version\": \"1.0\"", "\"version\": \"0.9\"", "LAVA1011", 6, "'alpha'|'1.0'|'0.9'", DisplayName = "A stale version")]
    [DataRow("\"source\": \"archive\"", "\"source\": \"local\"", "LAVA1011", 6, "'alpha'|'archive'|'local'", DisplayName = "Another source")]
    [DataRow("\"alpha\"", "\"beta\"", "LAVA1013", 6, "'alpha'", DisplayName = "A component that is not locked")]
    public async Task In_locked_mode_a_lock_file_that_does_not_fit_is_refused(string from, string to, string code, int line, string words)
    {
        using TestProject project = await LockedAsync();
        string edited = project.Read("instance.lock.json").Replace(from, to, StringComparison.Ordinal);
        project.Write("instance.lock.json", edited);
        CommandResult result = await project.RestoreAsync("--locked-mode");
        Diagnostic error = result.HasNoStack().Error(code);
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.AreEqual(project.File, error.File);
        Assert.AreEqual(line, error.Line);
        foreach (string word in words.Split('|'))
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }

        Assert.AreEqual(edited, project.Read("instance.lock.json"));
        // Without locked mode the lock file follows the project.
        (await project.RestoreAsync()).Succeeds();
        Assert.AreNotEqual(edited, project.Read("instance.lock.json"));
    }

    [TestMethod]
    public async Task In_locked_mode_a_component_that_nobody_asks_for_is_refused()
    {
        using TestProject project = await LockedAsync();
        project.Write("instance.lock.json", project.Read("instance.lock.json").Replace(
            "    \"alpha\": {", "    \"aaa\": {\n      \"source\": \"local\",\n      \"version\": \"7\"\n    },\n    \"alpha\": {", StringComparison.Ordinal));
        CommandResult result = (await project.RestoreAsync("--locked-mode")).FailsWith("LAVA1015").Says("'aaa' 7");
        Assert.AreEqual(project.LockFile, result.Error("LAVA1015").File);
    }

    [TestMethod]
    [DataRow("{", "{{", 1, "", DisplayName = "Invalid JSON")]
    [DataRow("\"file\":", "\"fiel\":", 4, "'alpha'|'fiel'", DisplayName = "An unknown property")]
    [DataRow("\"source\": \"archive\",", "\"source\": \"archive\", \"source\": \"archive\",", 0, "source", DisplayName = "A duplicate key")]
    [DataRow("\"version\": 1,", "\"version\": 2,", 0, "'version' must be 1", DisplayName = "A later format")]
    [DataRow("\"source\": \"archive\",", "", 4, "'alpha'|'source'", DisplayName = "A missing property")]
    [DataRow("\"sha256\": \"", "\"sha256\": \"xyz", 4, "'alpha'|'xyz|64 lower-case", DisplayName = "A hash that is none")]
    [DataRow("\"size\": ", "\"size\": -", 4, "'alpha'|'size'", DisplayName = "A negative size")]
    public async Task A_lock_file_that_is_none_is_refused_in_every_mode_and_kept(string from, string to, int line, string words)
    {
        using TestProject project = await LockedAsync();
        string good = project.Read("instance.lock.json");
        string edited = good.Remove(good.IndexOf(from, StringComparison.Ordinal), from.Length).Insert(good.IndexOf(from, StringComparison.Ordinal), to);
        project.Write("instance.lock.json", edited);
        Diagnostic error = (await project.RestoreAsync()).FailsWith("LAVA1012").Error("LAVA1012");
        Assert.AreEqual(project.LockFile, error.File);
        if (line > 0)
        {
            Assert.AreEqual(line, error.Line);
        }

        foreach (string word in words.Split('|'))
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }

        Assert.AreEqual(edited, project.Read("instance.lock.json"));
    }

    [TestMethod]
    public async Task A_hand_edited_hash_is_refused_with_both_values()
    {
        using TestProject project = await LockedAsync();
        string good = project.Read("instance.lock.json");
        string digest = good.Split("\"sha256\": \"")[1].Split('"')[0];
        project.Write("instance.lock.json", good.Replace(digest, Digest, StringComparison.Ordinal));
        Diagnostic error = (await project.BuildAsync()).FailsWith("LAVA2001").Error("LAVA2001");
        Assert.AreEqual(project.File, error.File);
        StringAssert.Contains(error.Text, "'alpha'", StringComparison.Ordinal);
        StringAssert.Contains(error.Text, digest, StringComparison.Ordinal);
        StringAssert.Contains(error.Text, Digest, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project.Instance));
    }

    [TestMethod]
    public async Task A_hash_of_the_project_that_the_lock_file_contradicts_is_told_with_both_values()
    {
        using TestProject project = await LockedAsync();
        string digest = project.Read("instance.lock.json").Split("\"sha256\": \"")[1].Split('"')[0];
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0", $"Sha256=\"{Digest}\"")));
        (await project.RestoreAsync("--locked-mode")).FailsWith("LAVA1011").Says(digest).Says(Digest);
        (await project.RestoreAsync()).FailsWith("LAVA2001").Says(digest).Says(Digest);
    }

    [TestMethod]
    public async Task A_lock_file_for_another_architecture_is_told_with_both()
    {
        using TestProject project = await LockedAsync();
        project.Write("instance.lock.json", project.Read("instance.lock.json").Replace(
            "\"source\": \"archive\",", "\"source\": \"archive\",\n      \"architecture\": \"s390x\",", StringComparison.Ordinal));
        CommandResult result = (await project.RestoreAsync("-p:LavaArchitecture=amd64")).FailsWith("LAVA1014");
        result.Says("'alpha'").Says("s390x").Says("amd64");
        Assert.AreEqual(project.File, result.Error("LAVA1014").File);
    }

    private static async Task<TestProject> LockedAsync()
    {
        TestProject project = TestProject.OfAlpha();
        project.Write("instance.lock.json", await Good.Value);
        return project;
    }

    private static async Task<string> RestoreAsync()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync()).Succeeds();
        return project.Read("instance.lock.json");
    }
}
