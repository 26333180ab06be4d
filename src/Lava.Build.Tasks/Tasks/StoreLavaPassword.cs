using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>
/// Keeps the password for an existing database server in the instance, with mode 0600, before something starts that needs it. Only
/// the names of a file or a variable are parameters: what they hold is read here, and never logged.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class StoreLavaPassword : LavaTask
{
    /// <summary>The <c>LavaDatabase</c> item, if there is one.</summary>
    public ITaskItem[] Databases { get; set; } = [];

    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>Whom root gives the file to (<c>LavaUser</c>), if this user is there.</summary>
    public string User { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        List<Problem> problems = [];
        DatabaseItemReader reader = new(new MetadataReader(ProjectFile, problems));
        DatabaseDescription[] databases = [.. Databases.Select(reader.Database)];
        LavaException.ThrowIfAny(problems, BuildLog);
        RunAs? owner = Posix.EffectiveUser() == 0 ? SystemUser.Find(User) : null;
        foreach (DatabaseDescription database in databases)
        {
            await new PasswordStore(new InstanceLayout(Absolute(InstanceRoot)), Host).StoreAsync(database, owner, cancellation);
        }
    }
}
