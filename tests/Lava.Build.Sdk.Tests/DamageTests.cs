namespace Lava.Build.Sdk.Tests;

/// <summary>What was damaged on the disk, as a user meets with it.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class DamageTests
{
    private const UnixFileMode Writable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [TestMethod]
    public async Task A_deleted_launcher_is_back_after_a_build_that_has_something_to_do()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = project.CurrentRelease;
        File.Delete(Path.Combine(project.Instance, "bin", "alpha"));
        File.AppendAllText(project.File, "<!-- touched -->");
        CommandResult result = (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("LAVA4039", result.Warnings.Single().Code);
        Assert.Contains("bin/alpha", result.Warnings.Single().Text);
        Assert.AreEqual(release, project.CurrentRelease);
        await AssertRunsAsync(project);
        (await project.BuildAsync()).Succeeds().DoesNotSay("warning");
    }

    [TestMethod]
    public async Task What_an_admin_put_into_a_damaged_release_outlasts_a_build_that_is_killed_when_it_has_changed_places()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = Path.Combine(project.Instance, "code", project.CurrentRelease);
        File.Delete(Path.Combine(release, "bin", "alpha"));
        await File.WriteAllTextAsync(Path.Combine(release, "notes"), "an admin's");
        File.AppendAllText(project.File, "<!-- touched -->");
        CommandResult killed = await project.RunAsync(
            // What is made durable after the exchange.
            "strace", "-f", "-qq", "-P", Path.Combine(project.Instance, "code"), "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL", "-o", "/dev/null",
            "dotnet", "build", "instance.proj");
        Assert.AreNotEqual(0, killed.ExitCode, killed.ToString());
        (await project.RunAsync(Path.Combine(release, "bin", "alpha"))).Succeeds();
        Assert.IsFalse(File.Exists(Path.Combine(release, "notes")));

        (await project.BuildAsync()).Succeeds();
        string aside = Directory.GetDirectories(Path.Combine(project.Instance, "code"), ".damaged-*").Single();
        Assert.AreEqual("an admin's", await File.ReadAllTextAsync(Path.Combine(aside, "notes")));
        await AssertRunsAsync(project);
    }

    [TestMethod]
    [DataRow("--no-incremental")]
    [DataRow("-t:Clean;Build")]
    [DataRow("--force")]
    public async Task A_changed_byte_in_the_store_is_found_by_a_build_that_looks_at_all(string argument)
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        Flip(StoredProgram(project));

        // A build with something to do does not read what it does not bring.
        File.AppendAllText(project.File, "<!-- touched -->");
        (await project.BuildAsync()).Succeeds().DoesNotSay("warning");
        CommandResult result = (await project.BuildAsync(argument)).Succeeds();
        CollectionAssert.AreEquivalent((string[])["LAVA2004", "LAVA4040"], result.Warnings.Select(warning => warning.Code).ToArray(), result.ToString());
        await AssertRunsAsync(project);
        (await project.BuildAsync(argument)).Succeeds().DoesNotSay("warning");
    }

    [TestMethod]
    public async Task A_forced_restore_lets_the_next_build_look_at_all()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        Flip(StoredProgram(project));
        (await project.RestoreAsync("--force")).Succeeds().Says("LAVA2004");
        (await project.BuildAsync()).Succeeds().Says("LAVA4040");
        await AssertRunsAsync(project);
    }

    [TestMethod]
    public async Task A_damaged_archive_is_set_aside_by_a_forced_restore_and_had_again_when_it_is_needed()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string archive = Directory.GetFiles(Path.Combine(project.Cache, "archives")).Single();
        Flip(archive);
        CommandResult result = (await project.RestoreAsync("--force")).Succeeds();
        Assert.AreEqual("LAVA2002", result.Warnings.Single().Code);
        Assert.IsFalse(File.Exists(archive));
        (await project.BuildAsync()).Succeeds();

        TestDirectory.Delete(Path.Combine(project.Cache, "trees"));
        (await project.BuildAsync("-p:LavaInstance=other")).Succeeds();
        Assert.IsTrue(File.Exists(archive));
    }

    [TestMethod]
    public async Task Where_nothing_whole_is_left_one_line_says_so_and_the_next_build_has_it_all_again()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        Flip(StoredProgram(project));
        Flip(Directory.GetFiles(Path.Combine(project.Cache, "archives")).Single());
        (await project.BuildAsync("--no-incremental")).FailsWith("LAVA2003");
        (await project.BuildAsync()).Succeeds();
        await AssertRunsAsync(project);
        (await project.BuildAsync("--no-incremental")).Succeeds().DoesNotSay("warning");
    }

    [TestMethod]
    [DataRow("garbage")]
    [DataRow("empty")]
    [DataRow("deleted")]
    [DataRow("directory")]
    public async Task A_damaged_file_of_the_build_itself_does_no_harm(string damage)
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string[] files = Directory.GetFiles(project["obj", "lava"], "*", SearchOption.AllDirectories);
        CollectionAssert.IsSubsetOf((string[])["build.txt", "release.txt", "restore.txt", "trees.txt"], files.Select(Path.GetFileName).ToArray());
        Assert.HasCount(2, files.Where(file => Path.GetExtension(file) == ".stamp"));
        foreach (string file in files)
        {
            switch (damage)
            {
                case "garbage":
                    await File.WriteAllBytesAsync(file, [0, 255, (byte)'%', (byte)';', (byte)'$', (byte)'(', (byte)'\n', .. "../../%2e%00@(x)*\n"u8]);
                    break;
                case "empty":
                    await File.WriteAllTextAsync(file, "");
                    break;
                default:
                    File.Delete(file);
                    if (damage == "directory")
                    {
                        Directory.CreateDirectory(Path.Combine(file, "below"));
                    }

                    break;
            }

            CommandResult result = (await project.BuildAsync()).Succeeds().DoesNotSay("warning");
            result.Says($"instance -> {project.Instance}/code/{project.CurrentRelease}\n");
        }

        await AssertRunsAsync(project);
        (await project.BuildAsync("-v:d")).Succeeds().DoesNotSay("Task \"AssembleLavaRelease\"").DoesNotSay("Task \"FetchLavaComponents\"");
    }

    private static string StoredProgram(TestProject project) =>
        Directory.GetFiles(Path.Combine(project.Instance, "code", ".store"), "alpha", SearchOption.AllDirectories).Single();

    private static async Task AssertRunsAsync(TestProject project) =>
        Assert.AreEqual("alpha 1.0\n", (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Output);

    // One bit of the last byte but one; size, mode and time stay, and all names of the file show it.
    private static void Flip(string path)
    {
        UnixFileMode mode = File.GetUnixFileMode(path);
        DateTime time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.SetUnixFileMode(path, mode | Writable);
        File.WriteAllBytes(path, bytes);
        File.SetUnixFileMode(path, mode);
        File.SetLastWriteTimeUtc(path, time);
    }
}
