using System.Diagnostics;
using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>A mount namespace of a test's own: what is mounted in it nobody else sees, and it goes with the test.</summary>
internal sealed class MountSpace : IDisposable
{
    private readonly TestProject _project;
    private readonly Process _holder;
    private readonly bool _root = Environment.UserName == "root";

    public MountSpace(TestProject project)
    {
        _project = project;
        // For some hours, should this process be killed. Who is not root is so in a user namespace of its own.
        _holder = Command.Start(
            "unshare", "/", project.Variables, [.. _root ? ["-m"] : (string[])["-r", "-m"], "sh", "-c", "echo ready; exec sleep 14400"]);
        if (_holder.StandardOutput.ReadLine() != "ready")
        {
            throw new AssertFailedException($"no namespace: {_holder.StandardError.ReadToEnd()}");
        }
    }

    /// <summary>A path in the namespace, as it is seen from outside.</summary>
    public string this[string path] => $"/proc/{_holder.Id}/root{path}";

    /// <summary>The program and its first arguments that run another one in the namespace, in a directory of its.</summary>
    public string[] Enter(string directory) =>
    [
        "nsenter", "-t", _holder.Id.ToString(CultureInfo.InvariantCulture), "-m", .. _root ? [] : (string[])["-U", "--preserve-credentials"],
        "sh", "-c", "cd \"$0\" && exec \"$@\"", directory,
    ];

    public Task<CommandResult> RunAsync(string program, params string[] arguments)
    {
        string[] enter = Enter(_project.Path);
        return _project.RunAsync(enter[0], [.. enter[1..], program, .. arguments]);
    }

    /// <summary>Mounts a file system in memory at a directory, which is made.</summary>
    public async Task MountAsync(string directory, string options)
    {
        Directory.CreateDirectory(directory);
        (await RunAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory)).Succeeds();
    }

    public void Dispose()
    {
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
