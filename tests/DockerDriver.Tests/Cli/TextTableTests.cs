using DockerDriver.Cli;

namespace DockerDriver.Tests.Cli;

public sealed class TextTableTests
{
    private static readonly string[] Head = ["LIST", "PLUGINS"];

    [Fact]
    public void Of_WhatFits_IsOneLineEach() => Assert.Equal(
        """
        LIST  PLUGINS
        pods  bridge, portmap
        """,
        TextTable.Of(Head, [(["pods", "bridge, portmap"], [])], 80));

    [Fact]
    public void Of_TooWide_GoesOnBelow_AndBreaksNoWord() => Assert.Equal(
        """
        LIST  PLUGINS
        pods  bridge, portmap,
              firewall
        lan   macvlan
        """,
        TextTable.Of(Head, [(["pods", "bridge, portmap, firewall"], []), (["lan", "macvlan"], [])], 22));

    [Fact]
    public void Of_AWordWiderThanAll_StaysWhole() => Assert.Contains(
        "fd00:1234:5678:9abc::2/64", TextTable.Of(Head, [(["pods", "fd00:1234:5678:9abc::2/64"], [])], 12), StringComparison.Ordinal);

    [Fact]
    public void Of_Notes_StandBelowTheirRow() => Assert.Equal(
        """
        LIST  PLUGINS
        pods  bridge
            it is not usable, for a reason that is longer than the table is wide
        lan   macvlan
        """,
        TextTable.Of(Head, [(["pods", "bridge"], ["it is not usable, for a reason that is longer than the table is wide"]),
            (["lan", "macvlan"], [])], 30));

    [Fact]
    public void C_Of_UntrustedText_StaysInItsCell() => Assert.Equal(
        """
        LIST             PLUGINS
        a\u001b[2J\nlan  bridge
            \u202ereason\r
        """,
        TextTable.Of(Head, [(["a\u001b[2J\nlan", "bridge"], ["\u202ereason\r"])], 80));
}
