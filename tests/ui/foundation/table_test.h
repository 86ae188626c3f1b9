// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QObject>

#include <vector>

/// Rows of (name, number) whose display text is grouped while the sort value is typed.
class NumbersModel : public QAbstractTableModel {
    Q_OBJECT
public:
    struct Row {
        QString name;
        qint64 value;
    };
    explicit NumbersModel(int rows = 0);
    std::vector<Row> rows;
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(rows.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 2; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void insert(int at, std::vector<Row> fresh);
    void remove(int first, int last);
    void set(int row, qint64 value);
};

class TableTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void sortsTypedValuesAndKeepsSelection();
    void sortsRowsThatComeAfterTheSortWasChosen();
    void filtersByAllWordsAndSaysWhatIsHidden();
    void followsItsModelUnderRandomChanges();
    void aMillionRowsNeverHoldTheEventLoop();
    void copiesAndExports();
    void csvNeverBecomesAFormula();
    void remembersColumnsAndSort();
    void keyboardReachesEverything();
    void tenThousandRowsKeepTheirPlace();
    void columnsShareTheWidth();
};

class ChartTest : public QObject {
    Q_OBJECT
private slots:
    void decimationEqualsBruteForce();
    void aMillionPointsAreFast();
    void labelsNeverCollide();
    void logPositionIsMonotone();
    void ribbonsNeverOverlap();
    void treemapFillsItsArea();
    void crosshairIsShared();
};

class ShellTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void locationSurvivesItsText();
    void historyWalksLikeABrowser();
    void paletteRanksTheObviousFirst();
    void changeDialogNeedsEverythingBeforeItRuns();
    void changeDialogShowsErrorsPerItem();
    void shellNavigatesByKeyboard();
    void tickerHoldsAndFilters();
    void paletteKeepsItsContrast();
    void everyIconExists();
    void numbersHaveOneForm();
    void jsonAndHexShowWhatIsThere();
};

class TimeTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void scrubBarIsWalkedByKeysAndMouse();
    void shellShowsRecordedAndComesBack();
    void spanIsChosenByKeyboard();
    void pageIsSearchedAndLeftByKeyboard();
    void ringsAreForTheKeyboard();
    void byteAxesHaveRoundValues();
    void logStripZoomsWhereTheMouseIs();
    void logStripIsDraggedClickedAndTyped();
};

class GalleryTest : public QObject {
    Q_OBJECT
private slots:
    void rendersInLightAndDark();
};
