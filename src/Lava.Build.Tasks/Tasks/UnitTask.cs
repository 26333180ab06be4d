using Lava.Build.Instances;
using Lava.Build.Services.Systemd;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>A task that changes what systemd knows of an instance.</summary>
public abstract class UnitTask : LavaTask
{
    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The directory for units (<c>LavaUnitDirectory</c>); by default that of the system's admin for root, else that of the user.</summary>
    public string UnitDirectory { get; set; } = "";

    /// <summary>Where things stand in the instance.</summary>
    protected InstanceLayout Layout => new(Absolute(InstanceRoot));

    private protected ServiceInstallation Installation =>
        new(Layout, UnitDirectory.Length > 0 ? Absolute(UnitDirectory) : "", new ServiceManager(Host), BuildLog);
}
